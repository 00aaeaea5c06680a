//! Powers and logarithms of two from operations that give the same bits on every machine.

/// ln 2.
const LN_2: f64 = std::f64::consts::LN_2;

/// `log2(1 + value)` for a count.
pub(super) fn log2_1p(value: f64) -> f64 {
    log2(1.0 + value.max(0.0))
}

/// The binary logarithm of a number of at least 1.
fn log2(value: f64) -> f64 {
    let (mut mantissa, mut whole) = (value, 0.0);
    while mantissa >= 2.0 {
        mantissa /= 2.0;
        whole += 1.0;
    }
    // ln m = 2 artanh((m - 1) / (m + 1)); the argument is at most 1/3, so that 17 terms are exact enough.
    let argument = (mantissa - 1.0) / (mantissa + 1.0);
    let square = argument * argument;
    let (mut power, mut sum) = (argument, 0.0);
    for term in 0..17 {
        sum += power / f64::from(2 * term + 1);
        power *= square;
    }
    whole + 2.0 * sum / LN_2
}

/// Two to the power of `exponent`, which is held between -64 and 64.
pub(super) fn exp2(exponent: f64) -> f64 {
    let exponent = exponent.clamp(-64.0, 64.0);
    let whole = exponent.floor();
    let argument = (exponent - whole) * LN_2;
    let (mut term, mut sum) = (1.0, 1.0);
    for index in 1..20 {
        term *= argument / f64::from(index);
        sum += term;
    }
    let mut left = whole;
    while left >= 1.0 {
        sum *= 2.0;
        left -= 1.0;
    }
    while left <= -1.0 {
        sum /= 2.0;
        left += 1.0;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_agree_with_the_system_library() {
        for value in [0.0, 1.0, 2.0, 7.0, 41.0, 999.0, 4e9] {
            assert!((log2_1p(value) - (1.0 + value).log2()).abs() < 1e-12, "{value}");
        }
        for exponent in [-3.7, -1.0, -0.25, 0.0, 0.5, 1.0, 5.3] {
            assert!((exp2(exponent) / exponent.exp2() - 1.0).abs() < 1e-12, "{exponent}");
        }
        assert_eq!(exp2(0.0), 1.0);
    }
}
