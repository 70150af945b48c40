//! The forms that the methods of a workflow type can have.

#![deny(warnings)]

use std::cell::Cell;
use std::rc::Rc;

use durably::definition::{
    QueryDefinition, SignalDefinition, UpdateDefinition, WorkflowDefinition, WorkflowImplementation,
};
use durably::failure::{ApplicationFailure, WorkflowResult};
use durably::workflow;
use durably::workflow::{State, WorkflowContext};

#[derive(Default)]
struct OrderSaga {
    canceled: State<bool>,
    address: State<String>,
    seen: Cell<u32>,
}

#[workflow]
impl OrderSaga {
    const LIMIT: u32 = 3;

    #[run]
    pub async fn run(
        &self,
        ctx: &WorkflowContext,
        order: u32,
        note: String,
    ) -> WorkflowResult<u32> {
        self.cancel(note);
        ctx.wait_until(|| self.status()).await?;
        Ok(self.limited(order))
    }

    /// Cancels
    /// the order.
    ///
    /// Not twice.
    #[signal]
    pub fn cancel(&self, reason: String) {
        self.address.set(reason);
        self.canceled.set(true);
    }

    #[signal(name = "Delivered", description = "The parcel came")]
    async fn delivered(self: Rc<Self>, ctx: &WorkflowContext, at: u64) -> WorkflowResult<()> {
        let _ = (ctx, at);
        Ok(())
    }

    #[query]
    fn status(&self) -> bool {
        self.canceled.get()
    }

    #[query(name = "Limited")]
    fn limited_query(self: Rc<Self>, order: u32) -> Result<u32, ApplicationFailure> {
        Ok(self.limited(order))
    }

    #[update]
    async fn change_address(
        &self,
        ctx: &WorkflowContext,
        to: String,
    ) -> Result<String, ApplicationFailure> {
        let _ = ctx;
        self.address.set(to.clone());
        Ok(to)
    }

    #[validator(change_address)]
    fn check_address(&self, to: &str) -> Result<(), ApplicationFailure> {
        if to.is_empty() {
            Err(ApplicationFailure::new("where to?"))
        } else {
            Ok(())
        }
    }

    #[update]
    fn touch(&self) {
        self.seen.set(self.seen.get() + 1);
    }

    #[cfg(any())]
    #[signal]
    fn not_built(&self, missing: Missing) {}

    fn limited(&self, order: u32) -> u32 {
        order.min(Self::LIMIT)
    }
}

struct Counter {
    count: Cell<u32>,
}

#[workflow]
impl Counter {
    #[init]
    fn starting_at(
        ctx: &WorkflowContext,
        count: &u32,
        _label: &str,
    ) -> Result<Self, ApplicationFailure> {
        let _ = ctx;
        Ok(Self {
            count: Cell::new(*count),
        })
    }

    #[run(name = "Count")]
    async fn count(
        self: Rc<Self>,
        ctx: &WorkflowContext,
        count: u32,
        label: String,
    ) -> WorkflowResult<u32> {
        let _ = (ctx, label);
        Ok(self.count.get() + count)
    }
}

fn workflow<W: WorkflowDefinition<Owner = O> + WorkflowImplementation<State = O>, O>(
    _: W,
) -> &'static str {
    W::NAME
}

fn signal<S: SignalDefinition>(_: S) -> &'static str {
    S::NAME
}

fn query<Q: QueryDefinition<Output = T>, T>(_: Q) -> &'static str {
    Q::NAME
}

fn update<U: UpdateDefinition<Output = T>, T>(_: U) -> &'static str {
    U::NAME
}

fn check_tables<W: WorkflowImplementation>(_: W) {
    let signals = W::SIGNALS
        .iter()
        .map(|row| (row.name, row.description))
        .collect::<Vec<_>>();
    assert_eq!(
        signals,
        [
            ("cancel", "Cancels the order."),
            ("Delivered", "The parcel came")
        ]
    );
    let queries = W::QUERIES.iter().map(|row| row.name).collect::<Vec<_>>();
    assert_eq!(queries, ["status", "Limited"]);
    let updates = W::UPDATES
        .iter()
        .map(|row| (row.name, row.validate.is_some()))
        .collect::<Vec<_>>();
    assert_eq!(updates, [("change_address", true), ("touch", false)]);
}

#[test]
fn is_usable() {
    assert_eq!(workflow::<_, OrderSaga>(OrderSaga::run), "OrderSaga");
    assert_eq!(workflow::<_, Counter>(Counter::count), "Count");
    assert_eq!(<Counter as WorkflowDefinition>::NAME, "Count");
    assert_eq!(signal(OrderSaga::cancel), "cancel");
    assert_eq!(signal(OrderSaga::delivered), "Delivered");
    assert_eq!(query::<_, bool>(OrderSaga::status), "status");
    assert_eq!(query::<_, u32>(OrderSaga::limited_query), "Limited");
    assert_eq!(
        update::<_, String>(OrderSaga::change_address),
        "change_address"
    );
    assert_eq!(update::<_, ()>(OrderSaga::touch), "touch");
    check_tables(OrderSaga::run);
}

fn line<W: WorkflowImplementation>(_: W) -> usize {
    let place = W::PLACE.unwrap();
    assert_eq!(place.file(), file!());
    usize::try_from(place.line()).unwrap()
}

#[test]
fn the_place_of_a_workflow_is_that_of_its_function() {
    let source = include_str!("workflow_types.rs");
    let of = |text| source.lines().position(|line| line.trim() == text).unwrap() + 1;
    assert_eq!(line(OrderSaga::run), of("pub async fn run("));
    assert_eq!(line(Counter::count), of("async fn count("));
}
