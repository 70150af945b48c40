//! What a run says of itself: search attributes, memo, details, handlers, and for what it waits.

use std::time::{Duration, SystemTime};

use durably::client::{Untyped, WorkflowHandle};
use durably::payload::{FromPayload, Memo, SearchAttributeKey, SearchAttributes};
use durably::prelude::*;
use durably_integration::{Test, eventually};
use durably_protos::temporal::api::enums::v1::{EventType, IndexedValueType};
use durably_protos::temporal::api::operatorservice::v1::AddSearchAttributesRequest;

const KEYWORD: SearchAttributeKey<String> = SearchAttributeKey::keyword("DurablyCustomer");
const INT: SearchAttributeKey<i64> = SearchAttributeKey::int("DurablyItems");
const DOUBLE: SearchAttributeKey<f64> = SearchAttributeKey::double("DurablyTotal");
const BOOL: SearchAttributeKey<bool> = SearchAttributeKey::bool("DurablyUrgent");
const TEXT: SearchAttributeKey<String> = SearchAttributeKey::text("DurablyRemark");
const DATETIME: SearchAttributeKey<SystemTime> = SearchAttributeKey::datetime("DurablyDue");
const LIST: SearchAttributeKey<Vec<String>> = SearchAttributeKey::keyword_list("DurablyTags");

fn due() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_250)
}

fn all_types() -> WorkflowResult<SearchAttributes> {
    let attributes = SearchAttributes::new()
        .set(&KEYWORD, "c-1".to_owned())?
        .set(&INT, i64::MAX)?
        .set(&DOUBLE, 0.1)?
        .set(&BOOL, true)?
        .set(&TEXT, "quick brown fox".to_owned())?
        .set(&DATETIME, due())?
        .set(&LIST, vec!["a".to_owned(), "b".to_owned()])?;
    Ok(attributes)
}

#[workflow]
async fn nothing(_ctx: &WorkflowContext) -> WorkflowResult<()> {
    Ok(())
}

async fn register(test: &Test) {
    use IndexedValueType as Type;
    let types = [
        (KEYWORD.name().to_owned(), Type::Keyword),
        (INT.name().to_owned(), Type::Int),
        (DOUBLE.name().to_owned(), Type::Double),
        (BOOL.name().to_owned(), Type::Bool),
        (TEXT.name().to_owned(), Type::Text),
        (DATETIME.name().to_owned(), Type::Datetime),
        (LIST.name().to_owned(), Type::KeywordList),
    ];
    for (name, kind) in types {
        let request = AddSearchAttributesRequest {
            namespace: test.client().namespace().to_owned(),
            search_attributes: [(name, kind.into())].into(),
        };
        // Another test may have been first.
        let _ = test.client().call(request).await;
    }
    eventually("the search attributes are known", async || {
        let attributes = all_types().unwrap();
        let start = test.starting(nothing, ()).search_attributes(attributes);
        let handle = start.await.map_err(|error| error.to_string())?;
        let terminated = handle.terminate("only tried").await;
        terminated.map_err(|error| error.to_string())
    })
    .await;
}

#[derive(Default)]
struct Indexed {
    unset: State<bool>,
}

#[workflow]
impl Indexed {
    #[run]
    async fn run(&self, ctx: &WorkflowContext, runs: u32) -> WorkflowResult<Vec<String>> {
        let first = runs == 1;
        if first {
            ctx.upsert_search_attributes(&all_types()?);
            let memo = Memo::new()
                .set("note", &"fragile".to_owned())?
                .set("floor", &4)?;
            ctx.upsert_memo(&memo);
            ctx.wait_until(|| self.unset.get()).await?;
            let changes = SearchAttributes::new().unset(&INT).set(&BOOL, false)?;
            ctx.upsert_search_attributes(&changes);
            ctx.upsert_memo(
                &Memo::new()
                    .set("note", &None::<String>)?
                    .set("door", &"blue")?,
            );
            return ctx.continue_as_new(Self::run, runs + 1);
        }
        let (memo, attributes) = (ctx.info().memo(), ctx.info().search_attributes());
        Ok(vec![
            format!("{:?} {:?}", attributes.get(&INT)?, attributes.get(&BOOL)?),
            format!(
                "{:?} {:?}",
                attributes.get(&KEYWORD)?,
                attributes.get(&LIST)?
            ),
            format!("{:?}", attributes.get(&DATETIME)? == Some(due())),
            format!(
                "{:?} {:?}",
                memo.get::<String>("note")?,
                memo.get::<u32>("floor")?
            ),
            format!("{:?}", memo.get::<String>("door")?),
        ])
    }

    #[signal]
    fn unset(&self) {
        self.unset.set(true);
    }
}

#[tokio::test]
async fn search_attributes_and_memo() {
    let test = Test::begin().await;
    register(&test).await;
    let _worker = test.worker(|worker| worker.workflow(Indexed::run));
    let handle = test.start(Indexed::run, 1).await;
    test.until_event(&handle, EventType::WorkflowPropertiesModified)
        .await;
    let description = handle.describe().await.unwrap();
    let attributes = description.search_attributes();
    assert_eq!(attributes.get(&KEYWORD).unwrap().as_deref(), Some("c-1"));
    assert_eq!(attributes.get(&INT).unwrap(), Some(i64::MAX));
    assert_eq!(attributes.get(&DOUBLE).unwrap(), Some(0.1));
    assert_eq!(attributes.get(&BOOL).unwrap(), Some(true));
    assert_eq!(
        attributes.get(&TEXT).unwrap().as_deref(),
        Some("quick brown fox")
    );
    assert_eq!(attributes.get(&DATETIME).unwrap(), Some(due()));
    assert_eq!(attributes.get(&LIST).unwrap().unwrap(), ["a", "b"]);
    assert_eq!(description.memo().get::<u32>("floor").unwrap(), Some(4));

    handle.signal(Indexed::unset, ()).await.unwrap();
    let kept = test.result(&handle).await.unwrap();
    assert_eq!(
        kept,
        [
            "None Some(false)",
            "Some(\"c-1\") Some([\"a\", \"b\"])",
            "true",
            "None Some(4)",
            "Some(\"blue\")",
        ]
    );
    let last = test
        .client()
        .workflow_handle(Indexed::run, handle.workflow_id());
    let description = last.describe().await.unwrap();
    assert_eq!(description.search_attributes().get(&INT).unwrap(), None);
    assert_eq!(description.memo().get::<String>("note").unwrap(), None);
    assert_eq!(description.memo().get::<u32>("floor").unwrap(), Some(4));
}

const UNKNOWN: SearchAttributeKey<String> = SearchAttributeKey::keyword("DurablyNobodyKnowsIt");

#[workflow]
async fn upserts_the_unknown(ctx: &WorkflowContext) -> WorkflowResult<()> {
    ctx.upsert_search_attributes(&SearchAttributes::new().set(&UNKNOWN, "x".to_owned())?);
    ctx.sleep(Duration::from_millis(10)).await?;
    Ok(())
}

#[tokio::test]
async fn an_unknown_search_attribute_fails_the_task() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(upserts_the_unknown));
    let handle = test.start(upserts_the_unknown, ()).await;
    let events = test
        .until_event(&handle, EventType::WorkflowTaskFailed)
        .await;
    let message = &events.task_failure().unwrap().message;
    assert!(message.contains(UNKNOWN.name()), "{message}");
    handle.terminate("seen").await.unwrap();
}

#[activity(start_to_close_timeout = "60s")]
async fn hangs() -> ActivityResult<()> {
    std::future::pending().await
}

#[derive(Default)]
struct Described {
    go: State<bool>,
}

#[workflow]
impl Described {
    #[run]
    async fn run(&self, ctx: &WorkflowContext) -> WorkflowResult<()> {
        ctx.set_current_details("**waiting** for the go");
        let first = line!() + 1;
        let (slept, hung, waited) = join!(
            ctx.sleep(Duration::from_secs(3600)),
            ctx.activity(hangs, ()),
            ctx.wait_until(|| self.go.get())
        );
        let _ = (first, slept?, hung?, waited?);
        Ok(())
    }

    /// Lets it go on.
    #[signal(description = "lets it go on")]
    fn go(&self) {
        self.go.set(true);
    }

    #[query(description = "whether it may go on")]
    fn may_go(&self) -> bool {
        self.go.get()
    }

    #[update(description = "changes its mind")]
    fn change(&self, go: bool) -> WorkflowResult<bool> {
        Ok(self.go.replace(go))
    }
}

async fn asked(handle: &WorkflowHandle<Untyped>, query: &str) -> serde_json::Value {
    let answer = handle.query_by_name(query, vec![]).await.unwrap().0;
    serde_json::from_slice(&answer.data).unwrap()
}

#[tokio::test]
async fn built_in_queries() {
    let test = Test::begin().await;
    let _worker = test.worker(|worker| worker.workflow(Described::run).activity(hangs));
    let handle = test.start(Described::run, ()).await.untyped();
    test.until_event(&handle, EventType::TimerStarted).await;
    let metadata = asked(&handle, "__temporal_workflow_metadata").await;
    assert_eq!(metadata["currentDetails"], "**waiting** for the go");
    let definition = &metadata["definition"];
    assert_eq!(definition["type"], "Described");
    let described = |name: &str, description: &str| serde_json::json!([{ "name": name, "description": description }]);
    assert_eq!(
        definition["signalDefinitions"],
        described("go", "lets it go on")
    );
    assert_eq!(
        definition["updateDefinitions"],
        described("change", "changes its mind")
    );
    let queries = definition["queryDefinitions"].as_array().unwrap();
    assert_eq!(queries.len(), 4, "{queries:?}");

    let trace = handle
        .query_by_name("__stack_trace", vec![])
        .await
        .unwrap()
        .0;
    let trace = String::from_payload(&trace).unwrap();
    assert_eq!(trace.lines().count(), 3, "{trace}");
    assert!(trace.contains("hangs"), "{trace}");
    assert_eq!(trace.matches("metadata.rs:").count(), 3, "{trace}");

    let enhanced = asked(&handle, "__enhanced_stack_trace").await;
    let stacks = enhanced["stacks"].as_array().unwrap();
    assert_eq!(stacks.len(), 3, "{enhanced}");
    let location = &stacks[0]["locations"][0];
    assert!(
        location["filePath"]
            .as_str()
            .unwrap()
            .ends_with("metadata.rs"),
        "{enhanced}"
    );
    assert!(location["line"].as_u64().unwrap() > 100, "{enhanced}");

    // The command has no codec.
    let commands = [["workflow", "metadata"], ["workflow", "stack"]];
    let commands = if Test::encodes_all() {
        &[][..]
    } else {
        &commands
    };
    let (address, _listening) = test.address().await;
    for command in commands {
        let Some(shown) = cli(&address, command, handle.workflow_id()).await else {
            eprintln!("the `temporal` command is not installed: what it shows is not looked at");
            break;
        };
        let expected = if command[1] == "stack" {
            "hangs"
        } else {
            "waiting"
        };
        assert!(shown.contains(expected), "{shown}");
    }
    handle.terminate("seen").await.unwrap();
}

/// What the `temporal` program says of a workflow; `None` where it is not installed.
async fn cli(address: &str, command: &[&str], workflow_id: &str) -> Option<String> {
    let output = tokio::process::Command::new("temporal")
        .args(command)
        .args(["--address", address, "--workflow-id", workflow_id])
        .output()
        .await;
    match output {
        Ok(output) => {
            let shown = String::from_utf8_lossy(&output.stdout).into_owned();
            Some(shown + &String::from_utf8_lossy(&output.stderr))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => panic!("the `temporal` command: {error}"),
    }
}
