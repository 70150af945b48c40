//! What a mock's closure is given.

use durably::payload::Parameters;

/// Parameters as a mock's closure gets them: the value itself where there is one parameter, else the
/// tuple of all.
pub trait MockInput: Parameters {
    /// What the closure gets.
    type Input;

    /// The parameters as that.
    fn into_input(self) -> Self::Input;
}

impl<A> MockInput for (A,)
where
    (A,): Parameters,
{
    type Input = A;

    fn into_input(self) -> A {
        self.0
    }
}

macro_rules! tuples {
    ($(($($type:ident),*))*) => {
        $(
            impl<$($type),*> MockInput for ($($type,)*)
            where
                ($($type,)*): Parameters,
            {
                type Input = Self;

                fn into_input(self) -> Self {
                    self
                }
            }
        )*
    };
}

tuples! {
    () (A, B) (A, B, C) (A, B, C, D) (A, B, C, D, E) (A, B, C, D, E, F) (A, B, C, D, E, F, G)
    (A, B, C, D, E, F, G, H)
}
