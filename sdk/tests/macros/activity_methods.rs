//! The forms that a method can have.

#![deny(warnings)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use durably::activity::{ActivityContext, ActivityRegistry};
use durably::failure::ActivityResult;
use durably::{activities, activity};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Order(u32);

/// Private, with public methods.
struct Inventory {
    calls: AtomicU32,
}

#[activities]
#[allow(clippy::unused_async)]
impl Inventory {
    const START: u32 = 0;

    pub fn new() -> Self {
        Self {
            calls: AtomicU32::new(Self::START),
        }
    }

    /// Calls through `self` find the method; `reserve` as a local name is free.
    #[activity(start_to_close_timeout = "10s")]
    pub async fn reserve(&self, ctx: &ActivityContext, order: Order) -> ActivityResult<u32> {
        let _ = ctx;
        let reserve = self.count(order)?;
        let again = Self::count(self, Order(reserve))?;
        Ok(again + self.helper())
    }

    #[activity]
    fn count(&self, Order(number): Order) -> ActivityResult<u32> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        Ok(number)
    }

    #[activity]
    async fn in_the_background(self: Arc<Self>) -> ActivityResult<()> {
        let shared = self.clone();
        std::future::ready(shared.helper()).await;
        Ok(())
    }

    #[activity(name = "Plain")]
    fn without_self(number: u32) -> ActivityResult<u32> {
        Ok(number)
    }

    /// Types that say `Self`.
    #[activity]
    fn sized(&self, bytes: [u8; Self::START as usize]) -> ActivityResult<usize> {
        Ok(bytes.len())
    }

    #[cfg(any())]
    #[activity]
    fn not_built(&self, order: Missing) -> ActivityResult<u32> {}

    #[activity]
    fn r#try(&self) -> ActivityResult<()> {
        Ok(())
    }

    fn helper(&self) -> u32 {
        self.count(Order(1)).unwrap_or_default() + Self::without_self(1).unwrap_or_default()
    }
}

mod elsewhere {
    use super::*;

    pub struct Mail<T>(pub T);

    #[activities]
    impl Mail<u32> {
        #[activity]
        pub(crate) fn send(&self, to: String) -> ActivityResult<u32> {
            let _ = to;
            Ok(self.0)
        }
    }
}

#[activity]
fn count(order: Order) -> ActivityResult<u32> {
    Ok(order.0)
}

#[test]
fn is_usable() {
    let inventory = Inventory::new();
    assert_eq!(Inventory::count(&inventory, Order(2)).unwrap(), 2);
    assert_eq!(Inventory::without_self(3).unwrap(), 3);
    assert_eq!(
        elsewhere::Mail::<u32>::send(&elsewhere::Mail(4), String::new()).unwrap(),
        4
    );
    assert_eq!(count(Order(5)).unwrap(), 5);
    assert_eq!(format!("{:?}", Inventory::reserve), "Inventory::reserve");
    let reserve = Inventory::reserve;
    let again = reserve;
    let _ = (reserve, again);

    let mut registry = ActivityRegistry::new();
    registry.set(Arc::new(inventory));
    registry.set(Arc::new(elsewhere::Mail(1)));
    assert_eq!(
        registry.names().collect::<Vec<_>>(),
        [
            "Plain",
            "count",
            "in_the_background",
            "reserve",
            "send",
            "sized",
            "try"
        ]
    );
}
