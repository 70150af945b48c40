//! Numbers as Go prints them.

/// The shortest text of `value` as Go's `%v`: with an exponent below 1e-4 and from 1e6 on.
///
/// `encoding/json` gives every number of an untyped value as a float, so a rejected `99999999999999999999` is
/// quoted as `1e+20` by the real server.
pub(crate) fn float_text(value: f64) -> String {
    if !value.is_finite() {
        return if value.is_nan() {
            "NaN".to_owned()
        } else if value > 0.0 {
            "+Inf".to_owned()
        } else {
            "-Inf".to_owned()
        };
    }
    let scientific = format!("{value:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    let exponent: i32 = match exponent.parse() {
        Ok(exponent) => exponent,
        Err(_) => return scientific,
    };
    if (-4..EXPONENT_FROM).contains(&exponent) {
        return format!("{value}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

/// From this power of ten on, Go's `%v` writes an exponent.
const EXPONENT_FROM: i32 = 6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_read_as_in_go() {
        for (value, text) in [
            (0.0, "0"),
            (1.5, "1.5"),
            (-2.0, "-2"),
            (0.0001, "0.0001"),
            (0.000_01, "1e-05"),
            (123_456.5, "123456.5"),
            (1_234_567.5, "1.2345675e+06"),
            (99_999_999_999_999_999_999.0, "1e+20"),
            (f64::INFINITY, "+Inf"),
        ] {
            assert_eq!(float_text(value), text);
        }
    }
}
