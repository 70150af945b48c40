//! One seed: calls in random order against one server.

use std::collections::BTreeMap;
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use durably_protos::temporal::api::enums::v1::IndexedValueType;
use durably_protos::temporal::api::nexus::v1::{EndpointSpec, EndpointTarget, endpoint_target};
use durably_protos::temporal::api::operatorservice::v1::CreateNexusEndpointRequest;
use durably_protos::temporal::api::operatorservice::v1::operator_service_client::OperatorServiceClient;
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
const STEPS: usize = 200;
/// How often a call that answers at once is looked at before it counts as one that hangs.
const LOOKS: usize = 50;
/// How many calls wait at a time.
const WAITING: usize = 12;
/// How many calls a report shows.
const SHOWN: usize = 40;

/// How often each method was called, and how often it did what it was asked.
pub(crate) type Tally = BTreeMap<String, (usize, usize)>;

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
    tally: &'s mut Tally,
    /// Most requests are sane, and of the usual methods: so that more happens.
    calm: bool,
    /// What workers do with the tasks they have got, in the answers to the polls that brought them.
    next: Vec<(&'s Method, String, Bytes)>,
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
    tally: &mut Tally,
    seed: u64,
    audited_every: usize,
) -> Result<(), String> {
    let mut walk = Walk::begin(schema, methods, tally, seed);
    walk.audited_every = audited_every;
    let result = walk.all().await;
    result.map_err(|error| {
        let from = walk.trace.len().saturating_sub(SHOWN);
        format!("{error}\nafter {}", walk.trace[from..].join("\n      "))
    })
}

impl<'s> Walk<'s> {
    fn begin(schema: &'s Schema, methods: &'s Methods, tally: &'s mut Tally, seed: u64) -> Self {
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
            tally,
            calm: seed.is_multiple_of(2),
            next: Vec::new(),
            audited_every: 1,
        }
    }

    /// Makes an endpoint, since random ones seldom are what they should be.
    async fn make_endpoint(&mut self) -> Result<(), String> {
        let target = endpoint_target::Worker {
            namespace: "default".to_owned(),
            task_queue: "q0".to_owned(),
        };
        let spec = EndpointSpec {
            name: "endpoint0".to_owned(),
            target: Some(EndpointTarget {
                variant: Some(endpoint_target::Variant::Worker(target)),
            }),
            ..EndpointSpec::default()
        };
        let request = CreateNexusEndpointRequest { spec: Some(spec) };
        let mut client = OperatorServiceClient::new(self.server.service());
        let made = client.create_nexus_endpoint(request).await;
        let made = made.map_err(|status| status.to_string())?;
        let endpoint = made.into_inner().endpoint.unwrap_or_default();
        let path = "temporal::api::nexus::v1::Endpoint";
        self.generator.seen.text(path, "id", &endpoint.id);
        Ok(())
    }

    async fn all(&mut self) -> Result<(), String> {
        self.make_endpoint().await?;
        for step in 1..=STEPS {
            self.step().await?;
            self.hear().await?;
            if step % self.audited_every == 0 {
                self.audit()?;
            }
        }
        // Workers that poll would take tasks and do nothing with them.
        self.waiting.retain(|waiting| {
            let polls =
                waiting.method.name.starts_with("Poll") && waiting.method.name.ends_with("Queue");
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
        // Not for days: a schedule may start a workflow every second.
        let unit = *random.pick(&[1, 1000, 1000, 60_000]);
        let length = Duration::from_millis(unit * (1 + random.below(10) as u64));
        self.trace.push(format!("{length:?} pass"));
        self.server.advance_at_once(length);
    }

    async fn call(&mut self) -> Result<(), String> {
        let next = self.next.pop().map(|(method, response, answer)| {
            // The token of this task is the last that was seen.
            self.generator.learn(&response, &answer, 0);
            method
        });
        self.generator.seen.answers = next.is_some();
        let random = &mut self.generator.random;
        let method = next.unwrap_or_else(|| match self.calm && random.percent(70) {
            true => self.methods.draw_usual(random),
            false => self.methods.draw(random),
        });
        let generator = &mut self.generator;
        let now = self.server.now().duration_since(UNIX_EPOCH);
        generator.now = now.map_or(0, |now| now.as_secs().cast_signed());
        let (odd, malformed) = if self.calm { (2, 1) } else { (20, 8) };
        generator.odd = generator.random.percent(odd);
        let mut message = generator.message(&method.request, 0);
        let well_formed = !generator.random.percent(malformed);
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
        for Waiting {
            method,
            well_formed,
            call,
        } in done
        {
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
        self.trace
            .push(format!("  {name}: {:?} {}", answer.code, answer.text));
        let (all, done) = self.tally.entry(name.clone()).or_default();
        *all += 1;
        *done += usize::from(answer.code == Code::Ok);
        match answer.code {
            Code::Ok => {
                self.generator.learn(&method.response, &answer.message, 0);
                // Activities take their time, and may be asked to cancel meanwhile.
                let is_activity = name == "PollActivityTaskQueue";
                let answered = if is_activity { 50 } else { 90 };
                if self.generator.random.percent(answered) && !answer.message.is_empty() {
                    let has = |field| self.generator.has(&method.response, &answer.message, field);
                    let is_query = name == "PollWorkflowTaskQueue" && has("query");
                    let asked = if is_query { "a query" } else { name };
                    let next = self.methods.answer_to(&mut self.generator.random, asked);
                    let answer = |next| (next, method.response.clone(), answer.message);
                    self.next.extend(next.map(answer));
                }
            }
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
        for Waiting {
            method,
            well_formed,
            call,
        } in std::mem::take(&mut self.waiting)
        {
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
