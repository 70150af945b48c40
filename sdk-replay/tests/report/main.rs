//! Reports of real histories, replayed with changed code.

mod causes;
mod hostile;
mod orders;
mod page;
mod places;
mod support;
mod writers;
