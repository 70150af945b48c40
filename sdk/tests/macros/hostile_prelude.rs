//! Names of the standard prelude that mean something else in the user's module.

#![deny(warnings)]
#![allow(dead_code, non_camel_case_types)]

use durably::{activities, activity, workflow};

mod hostile {
    use super::*;

    pub struct Result;
    pub struct Option;
    pub struct String;
    pub struct Vec;
    pub struct Box;
    pub struct Rc;
    pub struct Arc;
    pub struct Ok;
    pub struct Err;
    pub struct Some;
    pub struct None;
    pub struct Duration;
    pub trait Default {}
    pub trait Clone {}
    pub trait Copy {}
    pub trait Debug {}
    pub trait Into {}
    pub trait Send {}
    pub trait Fn {}
    pub mod std {}
    pub mod core {}
    pub struct context;
    pub struct receiver;
    pub struct state;
    pub struct parameters;
    pub struct payloads;
    pub struct call;
    pub struct formatter;
    pub struct registry;

    use durably::activity::ActivityContext as Attempt;
    use durably::failure::{ActivityResult, WorkflowResult};
    use durably::workflow::WorkflowContext;

    #[activity(
        start_to_close_timeout = "30s",
        task_queue = "cards",
        summary = "charges",
        cancellation_type = wait_cancellation_completed,
        retry(initial_interval = "100ms", backoff_coefficient = 2, maximum_interval = "1m",
              maximum_attempts = 5, non_retryable_error_types = ["Declined"])
    )]
    pub async fn charge(order: u32) -> ActivityResult<u32> {
        ::std::result::Result::Ok(order)
    }

    #[activity]
    pub fn sum(left: u32, right: u32) -> ActivityResult<u32> {
        ::std::result::Result::Ok(left + right)
    }

    pub struct Inventory;

    #[activities]
    impl Inventory {
        #[activity]
        pub async fn reserve(&self, order: u32) -> ActivityResult<u32> {
            self.count(order)
        }

        #[activity]
        pub fn count(&self, order: u32) -> ActivityResult<u32> {
            ::std::result::Result::Ok(order)
        }
    }

    #[workflow]
    pub async fn greet(ctx: &WorkflowContext, name: u32) -> WorkflowResult<u32> {
        let charged = ctx.activity(charge, name).await?;
        ::std::result::Result::Ok(charged)
    }

    #[derive(::std::default::Default)]
    pub struct Saga;

    #[workflow]
    impl Saga {
        #[run]
        pub async fn run(&self, ctx: &WorkflowContext, order: u32) -> WorkflowResult<u32> {
            let _ = ctx;
            ::std::result::Result::Ok(order)
        }

        #[signal]
        pub async fn cancel(&self, reason: u32) {
            let _ = reason;
        }

        #[query]
        pub fn status(&self, of: u32) -> u32 {
            of
        }

        #[update]
        pub fn change(&self, to: u32) -> WorkflowResult<u32> {
            ::std::result::Result::Ok(to)
        }

        #[validator(change)]
        fn check(&self, to: &u32) -> WorkflowResult<()> {
            let _ = to;
            ::std::result::Result::Ok(())
        }
    }

    pub fn attempt(_: &Attempt) {}
}

#[test]
fn is_usable() {
    assert_eq!(hostile::sum(1, 2).unwrap(), 3);
    assert_eq!(
        hostile::Inventory::count(&hostile::Inventory, 2).unwrap(),
        2
    );
}
