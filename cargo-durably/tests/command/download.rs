//! `cargo durably history download` against a server.

use std::fs;

use durably::client::Untyped;
use durably_replay::Replayer;

use crate::common::{Session, buy, names};

const ALL_BUYS: &str = "WorkflowType = 'buy'";

#[tokio::test(flavor = "multi_thread")]
async fn by_query_again_and_one_by_one() {
    let session = Session::start().await;
    assert!(session.buy("order-1", "lamp").await);
    assert!(session.buy("a/../b", "vase").await);
    assert!(!session.buy("order-3", "nothing").await);
    session.leave_open("open").await;

    // All of a type.
    let folder = session.path("buys");
    let line = "history download --output buys --query";
    let ran = session.run(line, &[ALL_BUYS]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.errors.starts_with("3 histories ("), "{ran:?}");
    let files = names(&folder);
    assert_eq!(files.len(), 3, "{files:?}");
    assert!(files[0].starts_with("a%2F..%2Fb."), "{files:?}");
    for (file, id) in files.iter().zip(["a/../b", "order-1", "order-3"]) {
        let read = durably_history::read(folder.join(file)).unwrap();
        let handle = session.client.workflow_handle(Untyped, id);
        let history = handle.fetch_history().into_history().await.unwrap();
        assert_eq!(read.history, history, "{file}");
        assert!(
            file.ends_with(&format!(".{}.json.gz", read.run_id())),
            "{file}"
        );
    }
    let replayed = Replayer::new().workflow(buy).replay_dir(&folder).unwrap();
    assert_eq!(replayed.replayed(), 3);

    // Again: what is damaged is fetched, the rest is there.
    let whole = fs::read(folder.join(&files[1])).unwrap();
    fs::write(folder.join(&files[1]), &whole[..whole.len() / 2]).unwrap();
    let ran = session.run(line, &[ALL_BUYS]);
    assert!(ran.errors.starts_with("1 history ("), "{ran:?}");
    assert!(ran.errors.contains("2 already there"), "{ran:?}");
    assert_eq!(fs::read(folder.join(&files[1])).unwrap(), whole);

    // Open runs are fetched each time.
    for _ in 0..2 {
        let ran = session.run(
            "history download --output open --query",
            &["ExecutionStatus='Running'"],
        );
        assert!(ran.errors.starts_with("1 history (2 events, "), "{ran:?}");
    }

    // One by its id, without a word.
    let ran = session.run(
        "history download --output one --workflow-id order-1 --quiet",
        &[],
    );
    assert_eq!((ran.code, ran.errors.as_str()), (0, ""));
    assert_eq!(names(&session.path("one")), [files[1].as_str()]);
    session.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_and_mistakes() {
    let session = Session::start().await;
    for id in ["1", "2", "3"] {
        session.leave_open(id).await;
    }
    let ran = session.run(
        "history download -o limit --limit 2 --concurrency 1 --query",
        &[""],
    );
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.errors
            .contains("the query finds more than 2, which is the limit"),
        "{ran:?}"
    );
    assert_eq!(names(&session.path("limit")).len(), 2);
    let ran = session.run("history download -o exact --limit 3 --query", &[""]);
    assert!(!ran.errors.contains("warning"), "{ran:?}");

    let ran = session.run(
        "history download -o bytes --max-bytes 400 --concurrency 1 --query",
        &[""],
    );
    assert!(ran.errors.contains("more than 400 bytes"), "{ran:?}");
    assert!(names(&session.path("bytes")).len() < 3);

    let ran = session.run(
        "history download -o none --query",
        &["WorkflowType = 'Other'"],
    );
    assert_eq!(ran.code, 0);
    assert!(
        ran.errors.contains("the query finds no workflow"),
        "{ran:?}"
    );

    let ran = session.run("history download -o x --query", &["Nope = 1"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.errors.contains("error: cannot list workflows: "),
        "{ran:?}"
    );
    let ran = session.run("history download -o x --workflow-id gone", &[]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.errors
            .contains("error: cannot find workflow \"gone\": "),
        "{ran:?}"
    );
    let ran = session.run("history download -o x", &[]);
    assert_eq!(ran.code, 2);
    assert!(ran.errors.contains("--workflow-id <ID>"), "{ran:?}");
    let gone = "00000000-0000-0000-0000-000000000000";
    let ran = session.run("history download -o x --workflow-id 1 --run-id", &[gone]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.errors
            .contains(&format!("warning: workflow \"1\" (run {gone})")),
        "{ran:?}"
    );
    session.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redacted_histories_hold_no_values_and_replay() {
    let session = Session::start().await;
    session.buy("order-1", "secret-lamp").await;
    session.buy("order-2", "nothing").await;
    let folder = session.path("h");
    let shown = || {
        let files = names(&folder);
        let texts = files.iter().map(|file| {
            let path = folder.join(file);
            session
                .run("history show", &[path.to_str().unwrap()])
                .output
        });
        texts.collect::<Vec<_>>()
    };
    let line = "history download -o h --query";
    assert_eq!(session.run(line, &[ALL_BUYS]).code, 0);
    let texts = shown();
    assert!(
        texts[0].contains("secret-lamp") && texts[0].contains("4200042"),
        "{}",
        texts[0]
    );
    assert!(texts[1].contains("no-such-article"), "{}", texts[1]);

    // What is there with its values does not stay.
    let ran = session.run(line, &[ALL_BUYS, "--redact", "--redact-failures"]);
    assert!(ran.errors.starts_with("2 histories ("), "{ran:?}");
    for text in shown() {
        for secret in [
            "secret-lamp",
            "4200042",
            "true",
            "1234567",
            "no-such-article",
        ] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
    }
    let replayed = Replayer::new().workflow(buy).replay_dir(&folder).unwrap();
    assert_eq!(replayed.replayed(), 2);
    assert!(
        session
            .run(line, &[ALL_BUYS, "--redact", "--redact-failures"])
            .errors
            .contains("2 already there")
    );

    let ran = session.run(line, &[ALL_BUYS, "--redact=null"]);
    assert!(ran.errors.starts_with("2 histories ("), "{ran:?}");
    let texts = shown();
    assert!(texts[0].contains("buy(null)"), "{}", texts[0]);
    assert!(
        texts[1].contains("no-such-article"),
        "failures were not to be redacted: {}",
        texts[1]
    );
    session.end().await;
}
