//! Where workflow code panicked.
//!
//! `catch_unwind` gives a panic's payload but not its place. A process that wants the place
//! in the failure calls [`note_panic`] from its panic hook; the engine takes it when it
//! catches the panic.

use std::any::Any;
use std::cell::RefCell;

use crate::step::{Mode, mode};

thread_local! {
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Remembers a panic's place if it happened in workflow code on this thread.
///
/// Returns true when it did: the engine turns that panic into a failed workflow task, so the
/// hook need not print it.
pub fn note_panic(info: &std::panic::PanicHookInfo<'_>) -> bool {
    if mode() == Mode::Outside {
        return false;
    }
    let place = info.location().map(ToString::to_string);
    PLACE.with(|slot| *slot.borrow_mut() = place);
    true
}

/// The place of the panic just caught, if a hook noted it.
pub(crate) fn take() -> Option<String> {
    PLACE.with(|slot| slot.borrow_mut().take())
}

/// The text of a panic's payload.
pub(crate) fn message(payload: &(dyn Any + Send)) -> String {
    payload
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a text".to_owned())
}
