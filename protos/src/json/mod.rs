//! protobuf-JSON of the well-known types that histories hold, written by hand: theirs is text, not an object.
//!
//! What all other messages do is generated.

mod duration;
mod timestamp;
