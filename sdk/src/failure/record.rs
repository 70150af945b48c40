//! What every kind of failure carries, and the accessors they share.

use super::Failure;
use super::encoded::Encoded;

/// The value Temporal shows as the origin of failures made by this SDK.
pub(super) const SOURCE: &str = "RustSDK";

/// A failure's common part and the information of its kind.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Record<I> {
    pub(super) message: String,
    pub(super) origin: String,
    pub(super) stack_trace: String,
    /// Set if message and stack trace came inside `encoded_attributes`.
    pub(super) encoded: Option<Box<Encoded>>,
    pub(super) cause: Option<Failure>,
    pub(super) info: I,
}

impl<I> Record<I> {
    /// The record of a failure made in this process.
    pub(super) fn new(message: String, info: I) -> Self {
        Self {
            message,
            origin: SOURCE.to_owned(),
            stack_trace: String::new(),
            encoded: None,
            cause: None,
            info,
        }
    }

    /// The same failure with other information.
    pub(super) fn map<J>(self, map: impl FnOnce(I) -> J) -> Record<J> {
        Record {
            message: self.message,
            origin: self.origin,
            stack_trace: self.stack_trace,
            encoded: self.encoded,
            cause: self.cause,
            info: map(self.info),
        }
    }

    /// The message, or another text if there is none.
    pub(super) fn message_or<'a>(&'a self, otherwise: &'a str) -> &'a str {
        if self.message.is_empty() {
            otherwise
        } else {
            &self.message
        }
    }
}

/// Declares the struct of one kind of failure, with the accessors that all kinds share. `Display`
/// is left to the kind.
macro_rules! failure_kind {
    ($(#[$meta:meta])* $name:ident, $variant:ident, $info:ty) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq)]
        pub struct $name {
            // Boxed, so that results which hold failures stay small.
            pub(super) record: Box<$crate::failure::record::Record<$info>>,
        }

        impl $name {
            /// The message.
            pub fn message(&self) -> &str {
                &self.record.message
            }

            /// Where the failure was made: the name of an SDK, or `Server`.
            pub fn origin(&self) -> &str {
                &self.record.origin
            }

            /// The stack trace in the form of the SDK that made it; empty if there is none.
            pub fn stack_trace(&self) -> &str {
                &self.record.stack_trace
            }

            /// What caused this failure. Also the error's `source`.
            pub fn cause(&self) -> Option<&$crate::failure::Failure> {
                self.record.cause.as_ref()
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.record.debug(stringify!($name), formatter)
            }
        }

        impl std::error::Error for $name {
            fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
                self.cause().map(|cause| cause as _)
            }
        }

        impl From<$name> for $crate::failure::Failure {
            fn from(failure: $name) -> Self {
                Self::$variant(failure)
            }
        }
    };
}
pub(super) use failure_kind;

impl<I: std::fmt::Debug> Record<I> {
    /// Debug text without the fields that are empty, which most are.
    pub(super) fn debug(
        &self,
        name: &str,
        formatter: &mut std::fmt::Formatter<'_>,
    ) -> std::fmt::Result {
        let mut debug = formatter.debug_struct(name);
        debug
            .field("message", &self.message)
            .field("info", &self.info);
        if !self.origin.is_empty() {
            debug.field("origin", &self.origin);
        }
        if !self.stack_trace.is_empty() {
            debug.field("stack_trace", &self.stack_trace);
        }
        if let Some(cause) = &self.cause {
            debug.field("cause", cause);
        }
        debug.finish()
    }
}
