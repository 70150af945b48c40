//! The `TestService`, by which environments of other SDKs lock time and let it pass.

use std::sync::Arc;

use durably_protos::temporal::api::testservice::v1::{
    GetCurrentTimeResponse, LockTimeSkippingRequest, LockTimeSkippingResponse, SleepRequest,
    SleepResponse, SleepUntilRequest, UnlockTimeSkippingRequest, UnlockTimeSkippingResponse,
};

use super::Deadline;
use crate::server::refusal::{Answer, invalid};
use crate::server::shared::Shared;
use crate::server::time::{Span, Time};
use crate::server::validate;
use crate::server::world::World;

pub(super) fn lock(
    world: &mut World,
    _: LockTimeSkippingRequest,
) -> Answer<LockTimeSkippingResponse> {
    world.locks += 1;
    Ok(LockTimeSkippingResponse {})
}

pub(super) fn unlock(
    world: &mut World,
    _: UnlockTimeSkippingRequest,
) -> Answer<UnlockTimeSkippingResponse> {
    if world.locks <= 0 {
        return Err(invalid(
            "time skipping is not locked: there is nothing to unlock",
        ));
    }
    world.locks -= 1;
    Ok(UnlockTimeSkippingResponse {})
}

pub(super) fn now(world: &mut World, (): ()) -> Answer<GetCurrentTimeResponse> {
    Ok(GetCurrentTimeResponse {
        time: Some(world.now.timestamp()),
    })
}

pub(super) async fn sleep(
    shared: Arc<Shared>,
    request: SleepRequest,
    _: Deadline,
) -> Answer<SleepResponse> {
    validate::request_timeout(request.duration.as_ref(), "Duration")?;
    let waiting = shared.with(|world| {
        let until = world.now.after(Span::of(request.duration.as_ref()));
        world.sleep_until(until)
    });
    waiting.await;
    Ok(SleepResponse {})
}

pub(super) async fn sleep_until(
    shared: Arc<Shared>,
    request: SleepUntilRequest,
    _: Deadline,
) -> Answer<SleepResponse> {
    let until = request.timestamp.as_ref().map(Time::from_timestamp);
    let until = until.ok_or_else(|| invalid("Timestamp is not set on request."))?;
    let waiting = shared.with(|world| world.sleep_until(until));
    waiting.await;
    Ok(SleepResponse {})
}

/// Sleeps with one lock less, and takes the lock again at the end.
pub(super) async fn unlock_with_sleep(
    shared: Arc<Shared>,
    request: SleepRequest,
    deadline: Deadline,
) -> Answer<SleepResponse> {
    shared.with(|world| unlock(world, UnlockTimeSkippingRequest {}))?;
    let locked = Relock(shared.clone());
    let slept = sleep(shared, request, deadline).await;
    drop(locked);
    slept
}

struct Relock(Arc<Shared>);

impl Drop for Relock {
    fn drop(&mut self) {
        self.0.with(|world| world.locks += 1);
    }
}
