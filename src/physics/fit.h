#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"

namespace hw::physics {

// What a fit found and how far to trust it.
struct FitReport {
    std::string what;       // "pump raw/1 head curve"
    size_t n = 0;           // samples that took part
    size_t left_out = 0;    // as outliers
    double rmse = 0;        // of the samples that took part, in the unit of the fitted value
    std::string unit;       // of rmse
    double explained = 0;   // share of the variance, R^2; 1 where there is none
    double confidence = 0;  // 0 to 1: how well the parameters are held by the data
    bool assumed = false;   // too few data: the value is an assumption, `note` says which
    std::string note;
};

// Linear least squares: y = sum of coefficient_i * x_i, by normal equations with Cholesky; made for
// at most some ten unknowns. Robust: Tukey's biweight (c = 4.685) on residuals scaled by their
// median absolute deviation, re-weighted until it stands (Beaton and Tukey 1974), so that
// transients and bad readings weigh nothing.
class LinearFit {
  public:
    explicit LinearFit(size_t unknowns) : unknowns_(unknowns) {}

    void add(std::span<const double> x, double y);
    void add(std::initializer_list<double> x, double y) {
        add(std::span<const double>(x.begin(), x.size()), y);
    }
    // A soft wish: the combination should be `target`, as firmly as `weight` samples with an error
    // of the fit's size.
    void prefer(std::span<const double> x, double target, double weight);

    struct Solution {
        std::vector<double> value;
        std::vector<double> deviation;  // standard error of each
        FitReport report;
    };
    // Errors: invalid_argument where there are fewer than `least` samples or they do not tell the
    // unknowns apart; the text says which.
    Result<Solution> solve(std::string what, std::string unit, size_t least,
                           bool robust = true) const;
    size_t size() const { return y_.size(); }

  private:
    struct Wish {
        std::vector<double> x;
        double target, weight;
    };
    bool solve_weighted(std::span<const double> weights, std::vector<double>& value,
                        std::vector<double>* inverse_diagonal) const;
    double residual(size_t row, std::span<const double> value) const;
    void judge(std::span<const double> weights, Solution& solution) const;

    size_t unknowns_;
    std::vector<double> x_, y_;
    std::vector<Wish> wishes_;
};

double median(std::vector<double> values);  // 0 where there are none
// 0 to 1; values need not be sorted.
double quantile(std::vector<double> values, double share);

}  // namespace hw::physics
