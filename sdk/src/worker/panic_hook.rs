//! Panics of workflow code are failures with a place, not noise on the terminal.

use std::sync::Once;

/// Puts a hook before the process's own that notes where workflow code or an activity panicked.
/// Panics outside of workflow code go on to the hook that was there.
pub(super) fn install() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let other = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !durably_engine::note_panic(info) {
                super::activity::note_panic(info);
                other(info);
            }
        }));
    });
}
