//! What a caller may pass for the parameters of a definition.

use durably_protos::temporal::api::common::v1::Payload;

use super::{PayloadError, ToPayload};

/// What may be passed where a definition has a parameter of type `T`: a `T`, a `&T`, and a `&str`
/// for a `String`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be passed for a parameter of type `{T}`",
    label = "expected `{T}` or `&{T}`",
    note = "pass one value (or a reference to it) for each parameter of the definition: `()` for none, the \
            value itself for one, a tuple for several"
)]
pub trait Argument<T> {
    /// Encodes the argument as the parameter's type would be.
    ///
    /// # Errors
    /// The value cannot be encoded.
    fn to_argument(&self) -> Result<Payload, PayloadError>;
}

impl<T: ToPayload> Argument<T> for T {
    fn to_argument(&self) -> Result<Payload, PayloadError> {
        self.to_payload()
    }
}

impl<T: ToPayload> Argument<T> for &T {
    fn to_argument(&self) -> Result<Payload, PayloadError> {
        (*self).to_payload()
    }
}

impl Argument<String> for &str {
    fn to_argument(&self) -> Result<Payload, PayloadError> {
        (*self).to_owned().to_payload()
    }
}

/// What may be passed for the parameters `P` of a definition, without a tuple where there is only
/// one:
///
/// | parameters | arguments |
/// |---|---|
/// | `()` | `()` |
/// | `(Order,)` | `order` or `&order` |
/// | `(String,)` | also `"text"` |
/// | `(Order, u32)` | `(order, 2)`, `(&order, 2)`, ... |
///
/// ```
/// use durably::payload::{Arguments, PayloadError};
///
/// fn call<P>(arguments: impl Arguments<P>) -> Result<usize, PayloadError> {
///     Ok(arguments.to_payloads()?.len())
/// }
///
/// assert_eq!(call::<()>(())?, 0);
/// assert_eq!(call::<(String,)>("order-123")?, 1);
/// assert_eq!(call::<(String, u32)>(("order-123", &2))?, 2);
/// # Ok::<(), PayloadError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be passed for the parameters `{P}`",
    note = "pass one value (or a reference to it) for each parameter of the definition: `()` for none, the \
            value itself for one, a tuple for several"
)]
pub trait Arguments<P> {
    /// Encodes the arguments, one payload for each parameter.
    ///
    /// # Errors
    /// A value cannot be encoded; the error says which.
    fn to_payloads(&self) -> Result<Vec<Payload>, PayloadError>;
}

impl Arguments<()> for () {
    fn to_payloads(&self) -> Result<Vec<Payload>, PayloadError> {
        Ok(Vec::new())
    }
}

impl<A, X: Argument<A>> Arguments<(A,)> for X {
    fn to_payloads(&self) -> Result<Vec<Payload>, PayloadError> {
        let payload = self
            .to_argument()
            .map_err(|error| error.in_parameter(1, 1))?;
        Ok(vec![payload])
    }
}

macro_rules! arguments {
    ($count:literal: $($parameter:ident $argument:ident $value:ident $position:literal),*) => {
        impl<$($parameter, $argument: Argument<$parameter>),*> Arguments<($($parameter,)*)>
            for ($($argument,)*)
        {
            fn to_payloads(&self) -> Result<Vec<Payload>, PayloadError> {
                let ($($value,)*) = self;
                Ok(vec![$(
                    $value.to_argument().map_err(|error| error.in_parameter($position, $count))?,
                )*])
            }
        }
    };
}

arguments!(2: A Xa a 1, B Xb b 2);
arguments!(3: A Xa a 1, B Xb b 2, C Xc c 3);
arguments!(4: A Xa a 1, B Xb b 2, C Xc c 3, D Xd d 4);
arguments!(5: A Xa a 1, B Xb b 2, C Xc c 3, D Xd d 4, E Xe e 5);
arguments!(6: A Xa a 1, B Xb b 2, C Xc c 3, D Xd d 4, E Xe e 5, F Xf f 6);
arguments!(7: A Xa a 1, B Xb b 2, C Xc c 3, D Xd d 4, E Xe e 5, F Xf f 6, G Xg g 7);
arguments!(8: A Xa a 1, B Xb b 2, C Xc c 3, D Xd d 4, E Xe e 5, F Xf f 6, G Xg g 7, H Xh h 8);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::{FromPayload, Parameters, RawPayload};

    fn pass<P: Parameters>(arguments: impl Arguments<P>) -> P {
        P::from_payloads(&arguments.to_payloads().unwrap()).unwrap()
    }

    #[test]
    fn values_references_and_text() {
        let text = "a".to_owned();
        pass::<()>(());
        assert_eq!(pass::<(String,)>("a").0, "a");
        assert_eq!(pass::<(String,)>(&text).0, "a");
        assert_eq!(pass::<(String,)>(text.clone()).0, "a");
        assert_eq!(pass::<(String, u8)>((&text, 1)), ("a".into(), 1));
        assert_eq!(pass::<(String, u8)>(("a", &1)), ("a".into(), 1));
        assert_eq!(pass::<(Vec<u8>,)>(vec![1]).0, [1]);
        type Eight = (u8, u8, u8, u8, u8, u8, u8, u8);
        assert_eq!(
            pass::<Eight>((1, &2, 3, 4, 5, 6, 7, 8)),
            (1, 2, 3, 4, 5, 6, 7, 8)
        );
    }

    #[test]
    fn a_tuple_may_be_one_parameter() {
        assert_eq!(pass::<((u8, bool),)>((1, true)), ((1, true),));
        assert_eq!(pass::<(Option<()>,)>(Some(())), (None,));
    }

    #[test]
    fn payloads_pass_as_they_are() {
        let payload = 5.to_payload().unwrap();
        let raw = RawPayload(payload.clone());
        let sent: Vec<Payload> = Arguments::<(RawPayload,)>::to_payloads(&&raw).unwrap();
        assert_eq!(sent, std::slice::from_ref(&payload));
        assert_eq!(i32::from_payload(&sent[0]).unwrap(), 5);
    }
}
