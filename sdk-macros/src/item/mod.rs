//! The item under the attribute, parsed no deeper than needed: bodies stay tokens, so that a body
//! the user is still typing does not hide the item.

mod attributes;
mod function;
mod impl_block;
mod parse;

pub(crate) use attributes::Attributes;
pub(crate) use function::Function;
pub(crate) use impl_block::{ImplBlock, ImplItem};
pub(crate) use parse::{Item, parse_item};
