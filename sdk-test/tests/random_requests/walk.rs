//! One seed: calls in random order against one server.

use std::time::{Duration, UNIX_EPOCH};

use durably_protos::temporal::api::enums::v1::IndexedValueType;
use durably_test::server::{ClockMode, TestServer};
use tokio::task::JoinHandle;
use tonic::Code;

use super::call::{Answered, call};
use super::generate::Generator;
use super::methods::{Method, Methods};
use super::names::Seen;
use super::random::Random;
use super::schema::Schema;
use super::{show, wire};

/// How many calls a walk makes.
const STEPS: usize = 150;
/// How often a call that answers at once is looked at before it counts as one that hangs.
const LOOKS: usize = 50;
/// How many calls wait at a time.
const WAITING: usize = 12;
/// How many calls a report shows.
const SHOWN: usize = 400;

/// A call that waits.
struct Waiting {
    method: Method,
    well_formed: bool,
    call: JoinHandle<Answered>,
}

/// A server, and what was done to it.
pub(crate) struct Walk<'s> {
    pub(crate) server: TestServer,
    generator: Generator<'s>,
    methods: &'s Methods,
    waiting: Vec<Waiting>,
    trace: Vec<String>,
    /// The server is audited each time so many calls were made.
    audited_every: usize,
}

/// Runs a seed.
///
/// # Errors
/// What went wrong, and the calls before.
pub(crate) async fn run(
    schema: &Schema,
    methods: &Methods,
    seed: u64,
    audited_every: usize,
) -> Result<(), String> {
    let mut walk = Walk::begin(schema, methods, seed);
    walk.audited_every = audited_every;
    let result = walk.all().await;
    result.map_err(|error| {
        let from = walk.trace.len().saturating_sub(SHOWN);
        format!("{error}\nafter {}", walk.trace[from..].join("\n      "))
    })
}

impl<'s> Walk<'s> {
    fn begin(schema: &'s Schema, methods: &'s Methods, seed: u64) -> Self {
        let origin = UNIX_EPOCH + Duration::from_secs(1_767_225_600);
        let server = TestServer::builder()
            .clock(ClockMode::Manual)
            .time(origin)
            .seed(seed)
            .search_attribute("CustomKeyword", IndexedValueType::Keyword)
            .search_attribute("CustomInt", IndexedValueType::Int)
            .start();
        let generator = Generator {
            schema,
            random: Random::new(seed),
            seen: Seen::default(),
            now: 0,
            odd: false,
        };
        Self {
            server,
            generator,
            methods,
            waiting: Vec::new(),
            trace: Vec::new(),
            audited_every: 1,
        }
    }

    async fn all(&mut self) -> Result<(), String> {
        for step in 1..=STEPS {
            self.step().await?;
            self.hear().await?;
            if step % self.audited_every == 0 {
                self.audit()?;
            }
        }
        // Workers that poll would take tasks and do nothing with them.
        self.waiting.retain(|waiting| {
            let polls = waiting.method.name.starts_with("Poll") && waiting.method.name.ends_with("Queue");
            if polls {
                waiting.call.abort();
            }
            !polls
        });
        super::drain::drain(&self.server).await?;
        self.audit()?;
        self.all_are_answered().await
    }

    async fn step(&mut self) -> Result<(), String> {
        match self.generator.random.below(100) {
            0..5 => self.let_time_pass().await,
            5..7 if !self.waiting.is_empty() => {
                let place = self.generator.random.below(self.waiting.len());
                let gone = self.waiting.swap_remove(place);
                self.trace.push(format!("{} is given up", gone.method.name));
                gone.call.abort();
            }
            _ => self.call().await?,
        }
        Ok(())
    }

    async fn let_time_pass(&mut self) {
        let random = &mut self.generator.random;
        if random.percent(20) {
            // Real time, as calls that wait measure it.
            self.trace.push("30 s of real time pass".to_owned());
            return tokio::time::sleep(Duration::from_secs(30)).await;
        }
        let unit = *random.pick(&[1, 1000, 1000, 60_000, 3_600_000]);
        let length = Duration::from_millis(unit * (1 + random.below(20) as u64));
        self.trace.push(format!("{length:?} pass"));
        self.server.advance_at_once(length);
    }

    async fn call(&mut self) -> Result<(), String> {
        let method = self.methods.draw(&mut self.generator.random);
        let generator = &mut self.generator;
        let now = self.server.now().duration_since(UNIX_EPOCH);
        generator.now = now.map_or(0, |now| now.as_secs().cast_signed());
        generator.odd = generator.random.percent(20);
        let mut message = generator.message(&method.request, 0);
        let well_formed = !generator.random.percent(8);
        if !well_formed {
            message = match generator.random.below(4) {
                0 => generator.random.bytes(60),
                1 => wire::mutate_bytes(&mut generator.random, &message),
                _ => wire::mutate(&mut generator.random, &message),
            };
        }
        let shown = show::show(generator.schema, &method.request, &message);
        self.trace.push(format!("{} {shown}", method.name));
        let service = self.server.service();
        let call = tokio::spawn(call(service, method.path.clone(), message));
        for _ in 0..LOOKS {
            if call.is_finished() {
                break;
            }
            tokio::task::yield_now().await;
        }
        if method.at_once && !call.is_finished() {
            return Err(format!("{} does not answer", method.name));
        }
        self.waiting.push(Waiting {
            method: method.clone(),
            well_formed,
            call,
        });
        Ok(())
    }

    /// Takes the answers that have come.
    async fn hear(&mut self) -> Result<(), String> {
        let (done, waiting) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|waiting| waiting.call.is_finished());
        self.waiting = waiting;
        for Waiting { method, well_formed, call } in done {
            self.heard(&method, well_formed, call.await)?;
        }
        if self.waiting.len() > WAITING {
            self.waiting.remove(0).call.abort();
        }
        Ok(())
    }

    fn heard(
        &mut self,
        method: &Method,
        well_formed: bool,
        answer: Result<Answered, tokio::task::JoinError>,
    ) -> Result<(), String> {
        let name = &method.name;
        let answer = answer.map_err(|error| format!("{name} panics: {error}"))?;
        self.trace.push(format!("  {name}: {:?} {}", answer.code, answer.text));
        match answer.code {
            Code::Ok => self.generator.learn(&method.response, &answer.message, 0),
            Code::Unknown | Code::Internal if well_formed => {
                return Err(format!("{name}: {:?} {}", answer.code, answer.text));
            }
            _ => {}
        }
        Ok(())
    }

    fn audit(&self) -> Result<(), String> {
        let faults = self.server.audit();
        match faults.is_empty() {
            true => Ok(()),
            false => Err(faults.join("\n")),
        }
    }

    /// Everything has ended: nothing is left to wait for, but times.
    async fn all_are_answered(&mut self) -> Result<(), String> {
        for Waiting { method, well_formed, call } in std::mem::take(&mut self.waiting) {
            if method.path.contains("testservice") {
                call.abort();
                continue;
            }
            let answer = tokio::time::timeout(Duration::from_secs(600), call).await;
            let answer = answer.map_err(|_| format!("{} is never answered", method.name))?;
            self.heard(&method, well_formed, answer)?;
        }
        Ok(())
    }
}
