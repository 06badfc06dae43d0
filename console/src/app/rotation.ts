// Addresses of TV mode. They are kept without `tv=1`, which only says that the mode is on.
function withParam(address: string, change: (params: URLSearchParams) => void): string {
  const [path = '/', search = ''] = address.split('?', 2);
  const params = new URLSearchParams(search);
  change(params);
  const text = params.toString();
  return text ? `${path}?${text}` : path;
}

export const plainAddress = (address: string): string =>
  withParam(address, (params) => params.delete('tv'));

export const asTelevision = (address: string): string =>
  withParam(address, (params) => params.set('tv', '1'));

// The one after that which is shown; a page that changed its own address is known by its path.
export function nextAddress(addresses: string[], now: string): string {
  const plain = plainAddress(now);
  let at = addresses.findIndex((one) => plainAddress(one) === plain);
  if (at < 0) at = addresses.findIndex((one) => one.split('?')[0] === plain.split('?')[0]);
  return addresses[(at + 1) % addresses.length] ?? '/';
}
