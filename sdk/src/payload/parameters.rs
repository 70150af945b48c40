//! What a workflow, an activity or a handler takes: a tuple, one payload each.

use durably_protos::temporal::api::common::v1::Payload;

use super::{FromPayload, PayloadError};

/// The parameters of a definition: a tuple of up to eight values, one payload each.
///
/// Trailing parameters the caller left out take the value that stands for nothing (`None` for an
/// `Option`); for other types that is an error. More payloads than parameters are left unread: see
/// [`COUNT`](Parameters::COUNT) to tell.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the parameters of a workflow, activity or handler",
    note = "parameters are a tuple of up to eight values that implement `FromPayload` \
            (every `serde::Deserialize` type does)"
)]
pub trait Parameters: Sized + 'static {
    /// How many there are.
    const COUNT: usize;

    /// Reads the parameters.
    ///
    /// # Errors
    /// A payload cannot be read as its parameter's type, or is missing; the error says which.
    fn from_payloads(payloads: &[Payload]) -> Result<Self, PayloadError>;
}

/// Reads the parameter at this place, of so many.
pub(crate) fn parameter<T: FromPayload>(
    payloads: &[Payload],
    index: usize,
    count: usize,
) -> Result<T, PayloadError> {
    payloads
        .get(index)
        .map_or_else(T::from_missing, T::from_payload)
        .map_err(|error| error.in_parameter(index + 1, count))
}

macro_rules! parameters {
    ($count:literal: $($type:ident $index:literal),*) => {
        impl<$($type: FromPayload + 'static),*> Parameters for ($($type,)*) {
            const COUNT: usize = $count;

            #[allow(unused_variables, reason = "no parameters, nothing to read")]
            fn from_payloads(payloads: &[Payload]) -> Result<Self, PayloadError> {
                Ok(($(parameter::<$type>(payloads, $index, $count)?,)*))
            }
        }
    };
}

parameters!(0:);
parameters!(1: A 0);
parameters!(2: A 0, B 1);
parameters!(3: A 0, B 1, C 2);
parameters!(4: A 0, B 1, C 2, D 3);
parameters!(5: A 0, B 1, C 2, D 3, E 4);
parameters!(6: A 0, B 1, C 2, D 3, E 4, F 5);
parameters!(7: A 0, B 1, C 2, D 3, E 4, F 5, G 6);
parameters!(8: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::ToPayload;

    fn two() -> Vec<Payload> {
        vec!["a".to_payload().unwrap(), 2.to_payload().unwrap()]
    }

    #[test]
    fn one_payload_each() {
        let (name, count) = <(String, u32)>::from_payloads(&two()).unwrap();
        assert_eq!((name.as_str(), count), ("a", 2));
        assert_eq!(<(String, u32)>::COUNT, 2);
    }

    #[test]
    fn missing_trailing_ones_and_extra_ones() {
        type WithOption = (String, u32, Option<bool>);
        assert_eq!(WithOption::from_payloads(&two()).unwrap().2, None);
        assert_eq!(<(String,)>::from_payloads(&two()).unwrap().0, "a");
        <()>::from_payloads(&two()).unwrap();
        let error = <(String, u32, bool)>::from_payloads(&two()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "parameter 3 of 3: no value was given for a `bool`: pass one, or take an `Option<bool>`"
        );
    }

    #[test]
    fn the_error_says_which_parameter() {
        let error = <(String, bool)>::from_payloads(&two())
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("parameter 2 of 2: cannot read a `bool`"),
            "{error}"
        );
    }
}
