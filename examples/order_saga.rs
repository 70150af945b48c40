//! An order from payment to delivery, with every step undone if a later one fails.
//!
//! ```text
//! cargo run --example order_saga [-- options] [orders.json]
//! ```
//!
//! Without `TEMPORAL_ADDRESS` it brings its own server, on which the 30 days pass at once, and shows the
//! history of the order that took longest.
//!
//! The saga charges the card, reserves the goods, ships them, and waits up to 30 days for the
//! delivery. The customer may cancel meanwhile (a signal), and anybody may ask how far the order is
//! (a query). If the order fails, what was done is undone in reverse order, whatever happens.
//!
//! The orders come from a JSON file (`examples/orders.json` unless one is given) that says of each
//! order how it should end; the program fails if one ends otherwise. `--help` lists the options.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use durably::client::{SignalError, WorkflowHandle};
use durably::definition::WorkflowDefinition;
use durably::prelude::*;
use durably_examples::{Connection, connect_or_embed, connect_to_shared, report, unique};
use durably_test::Timeline;
use durably_test::server::SkippingPaused;
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

// ---------------------------------------------------------------------------------------------
// What the saga is about.

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Order {
    id: String,
    customer: String,
    card: String,
    item: String,
    quantity: u32,
    cents: u64,
    #[serde(default)]
    carrier: Carrier,
    /// How long to wait for the delivery.
    #[serde(default = "thirty_days")]
    delivery_wait_seconds: u64,
}

fn thirty_days() -> u64 {
    30 * 24 * 60 * 60
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Carrier {
    #[default]
    Reliable,
    /// Cannot be reached at the first two attempts.
    Flaky,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Payment {
    /// The same for all attempts of a charge, so that none charges twice.
    key: String,
    cents: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Reservation {
    item: String,
    quantity: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Shipment {
    parcel: String,
}

/// How far an order is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
enum Status {
    #[default]
    Received,
    Charging,
    Reserving,
    Shipping,
    InTransit,
    Undoing,
    Closed,
}

/// How an order ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum End {
    #[serde(rename = "delivered")]
    Delivered,
    #[serde(rename = "canceled by the customer")]
    CanceledByCustomer,
    #[serde(rename = "payment refused")]
    PaymentRefused,
    #[serde(rename = "out of stock")]
    OutOfStock,
    #[serde(rename = "never arrived")]
    NeverArrived,
}

impl fmt::Display for End {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Delivered => "delivered",
            Self::CanceledByCustomer => "canceled by the customer",
            Self::PaymentRefused => "payment refused",
            Self::OutOfStock => "out of stock",
            Self::NeverArrived => "never arrived",
        })
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Receipt {
    order_id: String,
    end: End,
    payment: Option<Payment>,
    /// What was undone, in the order in which it was.
    undone: Vec<String>,
}

// ---------------------------------------------------------------------------------------------
// Activities: the other systems, which here are made up.

/// Other systems take a while.
async fn talk() {
    tokio::time::sleep(Duration::from_millis(100)).await;
}

/// Charges the card. A card that is no good will not get better by trying again.
#[activity(
    start_to_close_timeout = "5s",
    retry(initial_interval = "200ms", non_retryable_error_types = ["InvalidCard"])
)]
async fn charge(order: Order, key: String) -> ActivityResult<Payment> {
    talk().await;
    if !order.card.starts_with("4000-") {
        let message = format!("{}'s card \"{}\" is not valid", order.customer, order.card);
        return Err(ApplicationFailure::new(message)
            .with_type("InvalidCard")
            .into());
    }
    let cents = order.cents;
    Ok(Payment { key, cents })
}

#[activity(start_to_close_timeout = "5s", retry(initial_interval = "200ms"))]
async fn refund(payment: Payment) -> ActivityResult<String> {
    talk().await;
    Ok(format!("refunded {} cents", payment.cents))
}

#[activity(start_to_close_timeout = "5s", retry(initial_interval = "200ms"))]
async fn reserve(order: Order) -> ActivityResult<Reservation> {
    talk().await;
    if order.item == "unicorn" {
        let failure = ApplicationFailure::new("there are no unicorns").with_type("OutOfStock");
        return Err(failure.non_retryable().into());
    }
    let (item, quantity) = (order.item, order.quantity);
    Ok(Reservation { item, quantity })
}

#[activity(start_to_close_timeout = "5s", retry(initial_interval = "200ms"))]
async fn release(reservation: Reservation) -> ActivityResult<String> {
    talk().await;
    Ok(format!(
        "put back {} {}",
        reservation.quantity, reservation.item
    ))
}

#[activity(start_to_close_timeout = "5s", retry(initial_interval = "200ms"))]
async fn ship(ctx: &ActivityContext, order: Order) -> ActivityResult<Shipment> {
    talk().await;
    let attempt = ctx.info().attempt;
    if order.carrier == Carrier::Flaky && attempt < 3 {
        // Any error will do; the server tries again.
        return Err(format!("attempt {attempt}: the carrier does not answer").into());
    }
    let parcel = format!("parcel-{}", order.id);
    Ok(Shipment { parcel })
}

#[activity(start_to_close_timeout = "5s", retry(initial_interval = "200ms"))]
async fn recall(shipment: Shipment) -> ActivityResult<String> {
    talk().await;
    Ok(format!("recalled {}", shipment.parcel))
}

// ---------------------------------------------------------------------------------------------
// The saga.

#[derive(Default)]
struct OrderSaga {
    status: State<Status>,
    /// Why the customer canceled, if so.
    canceled: State<Option<String>>,
    delivered: State<bool>,
    payment: State<Option<Payment>>,
}

#[workflow]
impl OrderSaga {
    #[run]
    async fn run(&self, ctx: &WorkflowContext, order: Order) -> WorkflowResult<Receipt> {
        let mut saga = Saga::new();
        let result = self.fulfil(ctx, &order, &mut saga).await;
        let undone = match result {
            Ok(End::Delivered) => Vec::new(),
            _ => {
                self.status.set(Status::Undoing);
                // Also when the workflow itself was canceled, which stops everything else.
                saga.run_compensations(ctx).await?
            }
        };
        self.status.set(Status::Closed);
        Ok(Receipt {
            end: result.or_else(end_of)?,
            order_id: order.id,
            payment: self.payment.get(),
            undone,
        })
    }

    #[signal]
    fn cancel(&self, reason: String) {
        self.canceled.set(Some(reason));
    }

    #[signal]
    fn delivered(&self) {
        self.delivered.set(true);
    }

    #[query]
    fn status(&self) -> Status {
        self.status.get()
    }
}

impl OrderSaga {
    /// The steps of an order. Each one that is done leaves behind what undoes it, and tells of it.
    async fn fulfil(
        &self,
        ctx: &WorkflowContext,
        order: &Order,
        saga: &mut Saga<String>,
    ) -> Result<End, Failure> {
        self.status.set(Status::Charging);
        let key = ctx.uuid().to_string();
        let payment = ctx.activity(charge, (order, key)).await?;
        saga.compensate(ctx.activity(refund, &payment));
        self.payment.set(Some(payment));
        if self.is_canceled() {
            return Ok(End::CanceledByCustomer);
        }

        self.status.set(Status::Reserving);
        let reservation = ctx.activity(reserve, order).await?;
        saga.compensate(ctx.activity(release, reservation));
        if self.is_canceled() {
            return Ok(End::CanceledByCustomer);
        }

        self.status.set(Status::Shipping);
        let shipment = ctx.activity(ship, order).await?;
        saga.compensate(ctx.activity(recall, shipment));

        self.status.set(Status::InTransit);
        let news = ctx
            .wait_until(|| self.delivered.get() || self.is_canceled())
            .timeout(Duration::from_secs(order.delivery_wait_seconds))
            .await?;
        Ok(match news {
            false => End::NeverArrived,
            true if self.delivered.get() => End::Delivered,
            true => End::CanceledByCustomer,
        })
    }

    fn is_canceled(&self) -> bool {
        self.canceled.with(Option::is_some)
    }
}

/// The end that an activity's failure means. Any other failure fails the workflow.
fn end_of(failure: Failure) -> Result<End, Failure> {
    match failure.application().map(ApplicationFailure::failure_type) {
        Some("InvalidCard") => Ok(End::PaymentRefused),
        Some("OutOfStock") => Ok(End::OutOfStock),
        _ => Err(failure),
    }
}

// ---------------------------------------------------------------------------------------------
// The program: a worker, and those who send orders.

/// An order of the file: what happens with it, and how it should end.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    order: Order,
    #[serde(default)]
    afterwards: Afterwards,
    expected: End,
}

/// What the world does once the parcel is on its way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
enum Afterwards {
    #[default]
    #[serde(rename = "nothing is heard of the parcel")]
    Nothing,
    #[serde(rename = "the parcel is delivered")]
    Delivered,
    #[serde(rename = "the customer cancels")]
    CustomerCancels,
}

const USAGE: &str = "\
Usage: order_saga [options] [orders.json]

Options:
  --worker-only       only run a worker, until Ctrl-C
  --starter-only      only send the orders; a worker must run elsewhere
  --count N           send N orders, going round the file; prints only their ends
  --task-queue NAME   the task queue; needed where worker and starter are apart
  --batch NAME        what workflow ids begin with; new for each run otherwise
";

#[derive(Debug)]
struct Arguments {
    worker: bool,
    starter: bool,
    count: Option<usize>,
    task_queue: String,
    batch: String,
    file: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    match arguments(std::env::args().skip(1)) {
        Ok(Some(arguments)) => report(run(arguments).await),
        Ok(None) => {
            print!("{USAGE}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprint!("error: {error}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn arguments(words: impl Iterator<Item = String>) -> Result<Option<Arguments>, String> {
    let mut arguments = Arguments {
        worker: true,
        starter: true,
        count: None,
        task_queue: unique("orders"),
        batch: unique("order"),
        file: PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/orders.json")),
    };
    let mut words = words.peekable();
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} needs a value"));
        match word.as_str() {
            "--help" | "-h" => return Ok(None),
            "--worker-only" => arguments.starter = false,
            "--starter-only" => arguments.worker = false,
            "--task-queue" => arguments.task_queue = value()?,
            "--batch" => arguments.batch = value()?,
            "--count" => {
                let value = value()?;
                let count = value
                    .parse()
                    .map_err(|_| format!("\"{value}\" is not a number"))?;
                arguments.count = Some(count);
            }
            option if option.starts_with('-') => return Err(format!("unknown option {option}")),
            file => arguments.file = PathBuf::from(file),
        }
    }
    if !arguments.worker && !arguments.starter {
        return Err("--worker-only and --starter-only leave nothing to do".to_owned());
    }
    Ok(Some(arguments))
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let is_alone = arguments.worker && arguments.starter;
    let connection = match is_alone {
        true => connect_or_embed().await?,
        false => connect_to_shared().await?,
    };
    let client = connection.client.clone();
    let worker = Worker::builder(&client, &arguments.task_queue)
        .workflow(OrderSaga::run)
        .activity(charge)
        .activity(refund)
        .activity(reserve)
        .activity(release)
        .activity(ship)
        .activity(recall)
        .build()?;
    if !arguments.starter {
        println!(
            "worker: takes orders from task queue {}",
            arguments.task_queue
        );
        worker.run_until(tokio::signal::ctrl_c()).await?;
        return Ok(());
    }
    let shutdown = worker.shutdown_handle();
    let worker = arguments.worker.then(|| tokio::spawn(worker.run()));
    let result = send_orders(&connection, &arguments).await;
    if let Some(worker) = worker {
        shutdown.initiate();
        worker.await??;
    }
    result
}

/// Sends all orders and compares their ends with what the file expects.
async fn send_orders(connection: &Connection, arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let mut scenarios = read(arguments)?;
    if connection.embedded.is_some() {
        // Nobody has to wait for it.
        for scenario in &mut scenarios {
            scenario.order.delivery_wait_seconds = thirty_days();
        }
    }
    let quiet = arguments.count.is_some();
    // Those who ask how far an order is take turns when there are many of them.
    let turn = if connection.embedded.is_some() {
        20
    } else {
        200
    };
    let patience = Duration::from_millis(turn + 10 * scenarios.len() as u64);
    let starter = Arc::new(Starter {
        client: connection.client.clone(),
        task_queue: arguments.task_queue.clone(),
        patience,
        quiet,
    });
    // Before any order waits for its parcel, so that its 30 days do not pass for the others as well.
    let time = |scenario: &Scenario| {
        let server = connection.embedded.as_ref()?;
        (scenario.afterwards != Afterwards::Nothing).then(|| server.pause_skipping())
    };
    let scenarios: Vec<_> = scenarios.into_iter().map(|it| (time(&it), it)).collect();
    let mut orders = JoinSet::new();
    for (index, (time, scenario)) in scenarios.into_iter().enumerate() {
        let workflow_id = format!("{}-{}-{}", arguments.batch, index + 1, scenario.order.id);
        let starter = starter.clone();
        orders.spawn(async move { starter.follow(scenario, workflow_id, time).await });
    }
    let mut ends: BTreeMap<End, usize> = BTreeMap::new();
    let mut wrong = 0;
    while let Some(order) = orders.join_next().await {
        match order? {
            Ok(end) => *ends.entry(end).or_default() += 1,
            Err(error) => {
                println!("WRONG: {error}");
                wrong += 1;
            }
        }
    }
    for (end, count) in ends {
        println!("{count:5} {end}");
    }
    if let Some(server) = &connection.embedded {
        let histories = server.histories();
        let lasted = histories.iter().max_by_key(|run| run.lasted());
        if let Some(run) = lasted.filter(|_| !quiet) {
            let timeline = Timeline::of(&run.history).without_workflow_tasks();
            println!("\n{}:\n{timeline}", run.workflow_id);
        }
    }
    match wrong {
        0 => Ok(()),
        wrong => Err(format!("{wrong} orders did not end as expected").into()),
    }
}

fn read(arguments: &Arguments) -> Result<Vec<Scenario>, Box<dyn Error>> {
    let file = arguments.file.display();
    let text = fs::read_to_string(&arguments.file).map_err(|error| format!("{file}: {error}"))?;
    let scenarios: Vec<Scenario> =
        serde_json::from_str(&text).map_err(|error| format!("{file}: {error}"))?;
    if scenarios.is_empty() {
        return Err(format!("{file}: there are no orders in it").into());
    }
    let count = arguments.count.unwrap_or(scenarios.len());
    Ok(scenarios.into_iter().cycle().take(count).collect())
}

/// Stands for the shop's front end, its customers and the carrier.
struct Starter {
    client: Client,
    task_queue: String,
    /// How long to wait between two looks at an order.
    patience: Duration,
    quiet: bool,
}

impl Starter {
    /// Starts an order and plays the part of the world around it, until it ends as expected.
    async fn follow(
        &self,
        scenario: Scenario,
        workflow_id: String,
        time: Option<SkippingPaused>,
    ) -> Result<End, Box<dyn Error + Send + Sync>> {
        let handle = self
            .client
            .start(OrderSaga::run, &scenario.order)
            .workflow_id(&workflow_id)
            .task_queue(&self.task_queue)
            .await?;
        if scenario.afterwards != Afterwards::Nothing {
            self.until_in_transit(&handle).await;
            self.tell(&handle, scenario.afterwards).await?;
        }
        drop(time);
        let receipt = handle
            .result()
            .await
            .map_err(|error| format!("{workflow_id}: {error}"))?;
        let undone = match receipt.undone.as_slice() {
            [] => String::new(),
            undone => format!(" ({})", undone.join(", ")),
        };
        println!("{workflow_id}: {}{undone}", receipt.end);
        if receipt.end == scenario.expected && receipt.order_id == scenario.order.id {
            return Ok(receipt.end);
        }
        Err(format!(
            "{workflow_id}: expected \"{}\", not {receipt:?}",
            scenario.expected
        )
        .into())
    }

    /// Tells the order what happened in the world. The news must arrive, so it is told again while the
    /// server is away; being told twice does no harm.
    async fn tell<W>(&self, order: &WorkflowHandle<W>, news: Afterwards) -> Result<(), SignalError>
    where
        W: WorkflowDefinition<Owner = OrderSaga>,
    {
        loop {
            let told = match news {
                Afterwards::Delivered => order.signal(OrderSaga::delivered, ()).await,
                _ => order.signal(OrderSaga::cancel, "found it cheaper").await,
            };
            match told {
                Err(SignalError::Rpc(error)) if error.is_retryable() => {
                    eprintln!("{}: {error}", order.workflow_id());
                }
                told => return told,
            }
        }
    }

    /// Asks the order how far it is until it is on its way or at its end, and tells of it.
    async fn until_in_transit<W>(&self, handle: &WorkflowHandle<W>)
    where
        W: WorkflowDefinition<Owner = OrderSaga>,
    {
        let mut last = None;
        loop {
            // A query needs a worker; while there is none it fails, and the order merely waits.
            match handle.query(OrderSaga::status, ()).await {
                Ok(status) if last != Some(status) => {
                    if !self.quiet {
                        println!("{}: {status:?}", handle.workflow_id());
                    }
                    if matches!(status, Status::InTransit | Status::Closed) {
                        return;
                    }
                    last = Some(status);
                }
                Ok(_) => {}
                Err(error) => eprintln!("{}: {error}", handle.workflow_id()),
            }
            tokio::time::sleep(self.patience).await;
        }
    }
}
