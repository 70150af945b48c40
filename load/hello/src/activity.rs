//! The activity.

use durably::prelude::*;

#[activity(start_to_close_timeout = "10s")]
pub async fn compose_greeting(name: String) -> ActivityResult<String> {
    Ok(format!("Hello, {name}!"))
}
