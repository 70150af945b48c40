//! How a return type is to be understood.

use proc_macro2::{Ident, Span};

/// Which functions the return type is one of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Returns {
    /// An activity: always a `Result`.
    Activity,
    /// A workflow: always a `Result`.
    Workflow,
    /// A handler: a `Result` where it is named like one, else a value.
    Handler,
}

impl Returns {
    /// The trait that takes the `Result` apart, whatever its alias.
    pub(crate) fn ident(self) -> Ident {
        let name = match self {
            Self::Activity => "ActivityReturn",
            Self::Workflow => "WorkflowReturn",
            Self::Handler => "HandlerReturn",
        };
        Ident::new(name, Span::call_site())
    }
}
