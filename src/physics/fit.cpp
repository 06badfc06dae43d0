#include "physics/fit.h"

#include <algorithm>
#include <cmath>

#include "base/assert.h"

namespace hw::physics {

namespace {

// Cholesky of a symmetric positive matrix in place (lower half); false where it is not (nearly so:
// a pivot has lost nine digits).
bool factorise(std::vector<double>& a, size_t n) {
    for (size_t i = 0; i < n; ++i) {
        for (size_t j = 0; j <= i; ++j) {
            double sum = a[i * n + j];
            for (size_t k = 0; k < j; ++k)
                sum -= a[i * n + k] * a[j * n + k];
            if (i != j) {
                a[i * n + j] = sum / a[j * n + j];
                continue;
            }
            if (!(sum > 1e-12 * a[i * n + i]) || !std::isfinite(sum)) return false;
            a[i * n + i] = std::sqrt(sum);
        }
    }
    return true;
}

void substitute(const std::vector<double>& l, size_t n, std::vector<double>& b) {
    for (size_t i = 0; i < n; ++i) {
        for (size_t k = 0; k < i; ++k)
            b[i] -= l[i * n + k] * b[k];
        b[i] /= l[i * n + i];
    }
    for (size_t i = n; i-- > 0;) {
        for (size_t k = i + 1; k < n; ++k)
            b[i] -= l[k * n + i] * b[k];
        b[i] /= l[i * n + i];
    }
}

}  // namespace

double quantile(std::vector<double> values, double share) {
    if (values.empty()) return 0;
    const auto at = static_cast<ptrdiff_t>(
        std::clamp(share, 0.0, 1.0) * static_cast<double>(values.size() - 1) + 0.5);
    std::nth_element(values.begin(), values.begin() + at, values.end());
    return values[static_cast<size_t>(at)];
}

double median(std::vector<double> values) {
    return quantile(std::move(values), 0.5);
}

void LinearFit::add(std::span<const double> x, double y) {
    HW_ASSERT(x.size() == unknowns_);
    if (!std::isfinite(y) ||
        !std::all_of(x.begin(), x.end(), [](double v) { return std::isfinite(v); }))
        return;
    x_.insert(x_.end(), x.begin(), x.end());
    y_.push_back(y);
}

void LinearFit::prefer(std::span<const double> x, double target, double weight) {
    HW_ASSERT(x.size() == unknowns_);
    wishes_.push_back({{x.begin(), x.end()}, target, weight});
}

double LinearFit::residual(size_t row, std::span<const double> value) const {
    double y = y_[row];
    for (size_t i = 0; i < unknowns_; ++i)
        y -= x_[row * unknowns_ + i] * value[i];
    return y;
}

bool LinearFit::solve_weighted(std::span<const double> weights, std::vector<double>& value,
                               std::vector<double>* inverse_diagonal) const {
    const size_t n = unknowns_;
    std::vector<double> a(n * n, 0.0);
    std::vector<double> b(n, 0.0);
    const auto take = [&](const double* x, double y, double weight) {
        for (size_t i = 0; i < n; ++i) {
            b[i] += weight * x[i] * y;
            for (size_t j = 0; j <= i; ++j)
                a[i * n + j] += weight * x[i] * x[j];
        }
    };
    for (size_t row = 0; row < y_.size(); ++row)
        if (weights[row] > 0) take(&x_[row * n], y_[row], weights[row]);
    for (const auto& wish : wishes_)
        take(wish.x.data(), wish.target, wish.weight);
    // Columns to the same size first: unknowns of other units shall not look dependent.
    std::vector<double> size(n);
    for (size_t i = 0; i < n; ++i) {
        size[i] = std::sqrt(a[i * n + i]);
        if (!(size[i] > 0)) return false;
    }
    for (size_t i = 0; i < n; ++i) {
        b[i] /= size[i];
        for (size_t j = 0; j <= i; ++j)
            a[i * n + j] /= size[i] * size[j];
    }
    if (!factorise(a, n)) return false;
    substitute(a, n, b);
    for (size_t i = 0; i < n; ++i)
        b[i] /= size[i];
    value = b;
    if (!inverse_diagonal) return true;
    inverse_diagonal->assign(n, 0.0);
    for (size_t i = 0; i < n; ++i) {
        std::vector<double> unit(n, 0.0);
        unit[i] = 1;
        substitute(a, n, unit);
        (*inverse_diagonal)[i] = unit[i] / (size[i] * size[i]);
    }
    return true;
}

void LinearFit::judge(std::span<const double> weights, Solution& solution) const {
    double sum = 0, sum_y = 0, sum_yy = 0, sum_rr = 0;
    auto& report = solution.report;
    for (size_t row = 0; row < y_.size(); ++row) {
        const double weight = weights[row];
        if (weight <= 0.05) {
            ++report.left_out;
            continue;
        }
        ++report.n;
        const double r = residual(row, solution.value);
        sum += weight;
        sum_y += weight * y_[row];
        sum_yy += weight * y_[row] * y_[row];
        sum_rr += weight * r * r;
    }
    if (sum <= 0) return;
    report.rmse = std::sqrt(sum_rr / sum);
    const double variance = sum_yy - sum_y * sum_y / sum;
    report.explained = variance > 0 ? std::clamp(1 - sum_rr / variance, 0.0, 1.0) : 1.0;
    // How much the worst-held unknown leaves open, in terms of the fitted value's own size.
    double worst = 0;
    const double size = std::sqrt(sum_yy / sum);
    for (size_t i = 0; i < unknowns_; ++i) {
        solution.deviation[i] = std::sqrt(solution.deviation[i] * sum_rr / sum);
        double sum_xx = 0;
        for (size_t row = 0; row < y_.size(); ++row)
            sum_xx += weights[row] * x_[row * unknowns_ + i] * x_[row * unknowns_ + i];
        if (size > 0)
            worst = std::max(worst, solution.deviation[i] * std::sqrt(sum_xx / sum) / size);
    }
    const double kept =
        static_cast<double>(report.n) / static_cast<double>(report.n + report.left_out);
    report.confidence = kept / (1 + worst * worst * 100);
}

Result<LinearFit::Solution> LinearFit::solve(std::string what, std::string unit, size_t least,
                                             bool robust) const {
    if (y_.size() < least)
        return fail(ErrorCode::invalid_argument,
                    what + ": " + std::to_string(y_.size()) + " usable samples, at least " +
                        std::to_string(least) + " are needed; take a longer history");
    Solution solution;
    solution.report.what = std::move(what);
    solution.report.unit = std::move(unit);
    std::vector<double> weights(y_.size(), 1.0);
    const auto dependent = [&] {
        return fail(ErrorCode::invalid_argument,
                    solution.report.what + ": the " + std::to_string(y_.size()) +
                        " samples do not tell its " + std::to_string(unknowns_) +
                        " unknowns apart; take a history with more variety");
    };
    if (!solve_weighted(weights, solution.value, nullptr)) return dependent();
    for (int round = 0; robust && round < 15; ++round) {
        std::vector<double> sizes(y_.size());
        for (size_t row = 0; row < y_.size(); ++row)
            sizes[row] = std::abs(residual(row, solution.value));
        const double scale = 1.4826 * median(sizes);
        if (!(scale > 1e-300)) break;
        for (size_t row = 0; row < y_.size(); ++row) {
            const double u = sizes[row] / (4.685 * scale);
            weights[row] = u < 1 ? (1 - u * u) * (1 - u * u) : 0.0;
        }
        if (!solve_weighted(weights, solution.value, nullptr)) return dependent();
    }
    if (!solve_weighted(weights, solution.value, &solution.deviation)) return dependent();
    judge(weights, solution);
    return solution;
}

}  // namespace hw::physics
