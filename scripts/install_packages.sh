#!/bin/bash
# Installs the Debian packages of scripts/packages.txt that are missing, and nothing else.
#
#   scripts/install_packages.sh [build] [test]      both without an argument
#
# From npm come with both: DuckDB's library (packaging/duckdb), the packages of the console, and a
# Node for its build where the system's is too old (packaging/node); with `test` those of
# tests/system.
set -euo pipefail
cd "$(dirname "$0")/.."

groups=("$@")
[ ${#groups[@]} -gt 0 ] || groups=(build test)
log=${TMPDIR:-/tmp}/headworks-install.log

fail() {
    echo "install_packages: $1" >&2
    exit 1
}

# The packages of one [group] of packages.txt.
packages_of() {
    sed -n "/^\[$1\]/,/^\[/p" scripts/packages.txt | grep -v -e '^\[' -e '^#' -e '^$' || true
}

is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "root is needed to install ${missing[*]}; run again as root"
    fi
}

# One line of progress; the output goes to the log and is shown only if the command fails.
step() {
    local what=$1 begin=$SECONDS
    shift
    printf '%s ... ' "$what"
    if "$@" >>"$log" 2>&1 </dev/null; then
        printf '%d s\n' $((SECONDS - begin))
    else
        printf 'failed\n'
        tail -n 30 "$log" >&2
        fail "'$*' failed; the whole output is in $log"
    fi
}

apt() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 \
        -o Dpkg::Use-Pty=0 "$@"
}

# Debian starts a daemon when it installs one; ours are started by tests, on ports of their own.
# Nothing is changed for those that were installed before.
without_daemons() {
    local policy=/usr/sbin/policy-rc.d mine=
    if [ ! -e $policy ]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null
        as_root chmod +x $policy
        mine=yes
    fi
    local code=0
    "$@" || code=$?
    [ -z "$mine" ] || as_root rm -f $policy
    return $code
}

install_missing() {
    missing=()
    local package
    for package in "$@"; do
        is_installed "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    : >"$log"
    step 'Reading the package lists' apt update
    step "Installing ${#missing[@]} Debian packages (${missing[0]} and so on)" \
        without_daemons apt install --no-install-recommends "${missing[@]}"
    command -v systemctl >/dev/null || return 0
    local service
    for service in clickhouse-server influxdb mosquitto nats-server postgresql; do
        case " ${missing[*]} " in
            *" $service "*) as_root systemctl disable $service >>"$log" 2>&1 || true ;;
        esac
    done
}

# Where node's C++ headers are; empty: nowhere.
node_headers() {
    local prefix
    prefix=$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")
    [ ! -e "$prefix/include/node/node.h" ] || echo "$prefix"
}

# npm packages, once for each content of the lock file. node-snap7 is compiled here, with node's
# headers as they are installed: nothing is downloaded but the packages themselves.
install_npm() {
    local folder=tests/system
    local stamp=$folder/node_modules/.installed
    [ -f $folder/package.json ] || return 0
    ! cmp -s $folder/package-lock.json $stamp || return 0
    local names=()
    command -v node >/dev/null || names+=(nodejs)
    command -v npm >/dev/null || names+=(npm)
    command -v make >/dev/null || names+=(make)
    install_missing "${names[@]}"
    [ -n "$(node_headers)" ] || install_missing libnode-dev
    : >"$log"
    step 'Installing npm packages' env npm_config_build_from_source=true \
        npm_config_nodedir="$(node_headers)" npm ci --prefix $folder --no-audit --no-fund \
        --omit-lockfile-registry-resolved
    cp $folder/package-lock.json $stamp
}

# A library as it is in its package: nothing is run. Queries over history need it, nothing else
# does, so a machine that it does not fit is no failure.
install_duckdb() {
    [ "$(uname -m)" = x86_64 ] || return 0
    install_folder packaging/duckdb "DuckDB's library"
}

# Vite wants Node 20.19 or newer; Debian 12 has 18.
node_is_new() {
    command -v node >/dev/null || return 1
    local version
    version=$(node -p 'process.versions.node')
    [ "$(printf '%s\n' 20.19.0 "$version" | sort -V | head -n 1)" = 20.19.0 ]
}

# The packages of one folder, once for each content of its lock file; nothing of them is run.
install_folder() {
    local folder=$1 what=$2
    local stamp=$folder/node_modules/.installed
    ! cmp -s $folder/package-lock.json $stamp || return 0
    command -v npm >/dev/null || install_missing nodejs npm
    : >"$log"
    step "Installing $what" npm ci --prefix $folder --ignore-scripts --no-audit --no-fund \
        --omit-lockfile-registry-resolved
    cp $folder/package-lock.json $stamp
}

install_console() {
    command -v npm >/dev/null || install_missing nodejs npm
    node_is_new || install_folder packaging/node 'a Node for the console'
    install_folder console 'the packages of the console'
}

wanted=()
for group in "${groups[@]}"; do
    case $group in
        build | test) wanted+=($(packages_of "$group")) ;;
        *) fail "unknown group '$group'; there are build and test" ;;
    esac
done
install_missing "${wanted[@]}"
install_duckdb
install_console
case " ${groups[*]} " in
    *' test '*) install_npm ;;
esac
