//! What each form of the report looks like.

use std::time::Duration;

use durably_replay::report::{Examination, Report, TextStyle};
use expect_test::expect;

use crate::orders::*;
use crate::support::{record, replay};

async fn report() -> Report {
    let mut report = Report::new();
    let history = record!(original);
    let traced = replay!(history, shipped_first);
    let failed = Examination::new("histories/order-7.json", &history, &traced).outcome();
    report.add(failed, Duration::from_millis(20));
    let traced = replay!(history, original);
    let passed = Examination::new("histories/order-8.json", &history, &traced).outcome();
    report.add(passed, Duration::from_millis(10));
    report
}

#[tokio::test]
async fn text() {
    expect![[r#"
        FAIL  order  order-7
              histories/order-7.json, run run-1, 28 events

          At event 11 history has activity "charge" (id 2); the code issues activity "ship" (id 2).

          problem    the code does not follow the history
          history    event 11, ActivityTaskScheduled "charge" (id 2)
          code       ScheduleActivityTask "ship" (id 2)
          at         sdk-replay/tests/report/orders.rs:46
          after      activity "reserve" (id 1) at sdk-replay/tests/report/orders.rs:45
          task       the workflow task of event 9

              event  history                    code
            =     5  activity "reserve" (id 1)  activity "reserve" (id 1)
                                                sdk-replay/tests/report/orders.rs:45
          > !    11  activity "charge" (id 2)   activity "ship" (id 2)
                                                sdk-replay/tests/report/orders.rs:46
            ?    17  timer of 60s (id 1)        -
            ?    22  activity "ship" (id 3)     -
                                                (the code issues this at event 11)
            ?    28  end: completed             -
            > here they part   = same   ! differs   ? not reached

          Likely cause: A call was moved: `ship` comes before `charge` now
            History has `ship` too, later: at event 22. The code issues it where history has `charge`.
            Fix (sdk-replay/tests/report/orders.rs:46): Keep the old way for runs that are under way, behind
            a patch. When none of them is open any more, put `ctx.deprecate_patch(..)` in its place, and
            drop that when no run with the patch's marker is open.
                if ctx.patched("ship-before-charge") {
                    // as the code is now
                    ctx.activity(ship, ..).await?;
                    ctx.activity(charge, ..).await?;
                } else {
                    // as it was when this run began
                    ctx.activity(charge, ..).await?;
                    ctx.sleep(Duration::from_secs(60)).await?;
                    ctx.activity(ship, ..).await?;
                }

          Or: `charge` and the timer of 60s were removed
            The code goes on with `ship`, which history has at event 22.
            Fix (sdk-replay/tests/report/orders.rs:46): as above, with
                if !ctx.patched("without-charge") {
                    // as it was when this run began
                    ctx.activity(charge, ..).await?;
                    ctx.sleep(Duration::from_secs(60)).await?;
                }

        order  1 passed, 1 failed
        FAILED: 2 histories replayed, 1 passed, 1 failed, in 0.03 s
    "#]].assert_eq(&report().await.to_text());
}

#[tokio::test]
async fn text_of_a_command_without_event() {
    let history = record!(original);
    let traced = replay!(history, with_mail_beside);
    let mut report = Report::new();
    let outcome = Examination::new("order-7.json", &history, &traced).outcome();
    report.add(outcome, Duration::ZERO);
    expect![[r#"
        FAIL  order  order-7
              order-7.json, run run-1, 28 events

          The code issues activity "mail" (id 3); history has nothing for it before event 12
          (ActivityTaskStarted).

          problem    the code does not follow the history
          history    nothing before event 12, ActivityTaskStarted
          code       ScheduleActivityTask "mail" (id 3)
          at         sdk-replay/tests/report/orders.rs:90
          after      activity "reserve" (id 1) at sdk-replay/tests/report/orders.rs:88
          task       the workflow task of event 9

              event  history                    code
            =     5  activity "reserve" (id 1)  activity "reserve" (id 1)
                                                sdk-replay/tests/report/orders.rs:88
            =    11  activity "charge" (id 2)   activity "charge" (id 2)
                                                sdk-replay/tests/report/orders.rs:89
          > +        -                          activity "mail" (id 3)
                                                sdk-replay/tests/report/orders.rs:90
            ?    17  timer of 60s (id 1)        -
            ?    22  activity "ship" (id 3)     -
            ?    28  end: completed             -
            > here they part   = same   + only in code   ? not reached

          Likely cause: `mail` was added
            The workflow task of event 9 has no event for it, and all other commands of the task have
            theirs.
            Fix (sdk-replay/tests/report/orders.rs:90): Keep the old way for runs that are under way, behind
            a patch. When none of them is open any more, put `ctx.deprecate_patch(..)` in its place, and
            drop that when no run with the patch's marker is open.
                if ctx.patched("add-mail") {
                    // as the code is now
                    ctx.activity(mail, ..).await?;
                }

        order  0 passed, 1 failed
        FAILED: 1 history replayed, 0 passed, 1 failed, in 0.00 s
    "#]].assert_eq(&report.to_text());
}

#[tokio::test]
async fn narrow_text() {
    let report = report().await;
    let narrow = report.to_text_with(TextStyle::default().width(60));
    expect![[r#"
        FAIL  order  order-7
              histories/order-7.json, run run-1, 28 events

          At event 11 history has activity "charge" (id 2); the code
          issues activity "ship" (id 2).

          problem    the code does not follow the history
          history    event 11, ActivityTaskScheduled "charge" (id 2)
          code       ScheduleActivityTask "ship" (id 2)
          at         sdk-replay/tests/report/orders.rs:46
          after      activity "reserve" (id 1) at sdk-replay/tests/report/orders.rs:45
          task       the workflow task of event 9

              event  history                 code
            =     5  activity "reserve" (i…  activity "reserve" (i…
                                             sdk-replay/tests/report/orders.rs:45
          > !    11  activity "charge" (id…  activity "ship" (id 2)
                                             sdk-replay/tests/report/orders.rs:46
            ?    17  timer of 60s (id 1)     -
            ?    22  activity "ship" (id 3)  -
                                             (the code issues this at event 11)
            ?    28  end: completed          -
            > here they part   = same   ! differs   ? not reached

          Likely cause: A call was moved: `ship` comes before
          `charge` now
            History has `ship` too, later: at event 22. The code
            issues it where history has `charge`.
            Fix (sdk-replay/tests/report/orders.rs:46): Keep the old
            way for runs that are under way, behind a patch. When
            none of them is open any more, put
            `ctx.deprecate_patch(..)` in its place, and drop that
            when no run with the patch's marker is open.
                if ctx.patched("ship-before-charge") {
                    // as the code is now
                    ctx.activity(ship, ..).await?;
                    ctx.activity(charge, ..).await?;
                } else {
                    // as it was when this run began
                    ctx.activity(charge, ..).await?;
                    ctx.sleep(Duration::from_secs(60)).await?;
                    ctx.activity(ship, ..).await?;
                }

          Or: `charge` and the timer of 60s were removed
            The code goes on with `ship`, which history has at event
            22.
            Fix (sdk-replay/tests/report/orders.rs:46): as above,
            with
                if !ctx.patched("without-charge") {
                    // as it was when this run began
                    ctx.activity(charge, ..).await?;
                    ctx.sleep(Duration::from_secs(60)).await?;
                }

        order  1 passed, 1 failed
        FAILED: 2 histories replayed, 1 passed, 1 failed, in 0.03 s
    "#]]
    .assert_eq(&narrow);
}

#[tokio::test]
async fn colour_changes_nothing_but_colour() {
    let report = report().await;
    let colored = report.to_text_with(TextStyle::default().color(true));
    assert!(colored.contains("\u{1b}[1;31mFAIL\u{1b}[0m"));
    let mut plain = String::new();
    for (number, part) in colored.split("\u{1b}[").enumerate() {
        plain.push_str(if number == 0 {
            part
        } else {
            part.split_once('m').unwrap().1
        });
    }
    assert_eq!(plain, report.to_text());
}

#[tokio::test]
async fn json() {
    let mut json: serde_json::Value = serde_json::from_str(&report().await.to_json()).unwrap();
    let finding = json["findings"][0].as_object_mut().unwrap();
    let timeline = finding.remove("timeline").unwrap();
    assert_eq!(
        timeline["entries"][4]["event"]["event_type"],
        "ActivityTaskScheduled"
    );
    assert_eq!(timeline["operations"][0]["outcome"], "completed");
    expect![[r#"
        {
          "failed": 1,
          "findings": [
            {
              "causes": [
                {
                  "explanation": "History has `ship` too, later: at event 22. The code issues it where history has `charge`.",
                  "fix": {
                    "code": "if ctx.patched(\"ship-before-charge\") {\n    // as the code is now\n    ctx.activity(ship, ..).await?;\n    ctx.activity(charge, ..).await?;\n} else {\n    // as it was when this run began\n    ctx.activity(charge, ..).await?;\n    ctx.sleep(Duration::from_secs(60)).await?;\n    ctx.activity(ship, ..).await?;\n}",
                    "place": {
                      "column": 9,
                      "file": "sdk-replay/tests/report/orders.rs",
                      "line": 46
                    },
                    "text": "Keep the old way for runs that are under way, behind a patch. When none of them is open any more, put `ctx.deprecate_patch(..)` in its place, and drop that when no run with the patch's marker is open."
                  },
                  "kind": "moved_call",
                  "likelihood": 76,
                  "title": "A call was moved: `ship` comes before `charge` now"
                },
                {
                  "explanation": "The code goes on with `ship`, which history has at event 22.",
                  "fix": {
                    "code": "if !ctx.patched(\"without-charge\") {\n    // as it was when this run began\n    ctx.activity(charge, ..).await?;\n    ctx.sleep(Duration::from_secs(60)).await?;\n}",
                    "place": {
                      "column": 9,
                      "file": "sdk-replay/tests/report/orders.rs",
                      "line": 46
                    },
                    "text": "Keep the old way for runs that are under way, behind a patch. When none of them is open any more, put `ctx.deprecate_patch(..)` in its place, and drop that when no run with the patch's marker is open."
                  },
                  "kind": "removed_call",
                  "likelihood": 50,
                  "title": "`charge` and the timer of 60s were removed"
                }
              ],
              "command": {
                "command": "ScheduleActivityTask \"ship\" (id 2)",
                "place": {
                  "column": 9,
                  "file": "sdk-replay/tests/report/orders.rs",
                  "line": 46
                }
              },
              "event": {
                "event": "ActivityTaskScheduled \"charge\" (id 2)",
                "event_id": 11
              },
              "events": 28,
              "group": 0,
              "kind": "divergence",
              "place": {
                "column": 9,
                "file": "sdk-replay/tests/report/orders.rs",
                "line": 46
              },
              "problem": "At event 11 history has activity \"charge\" (id 2); the code issues activity \"ship\" (id 2).",
              "resumed": [
                {
                  "place": {
                    "column": 9,
                    "file": "sdk-replay/tests/report/orders.rs",
                    "line": 45
                  },
                  "what": "activity \"reserve\" (id 1)"
                }
              ],
              "rows": [
                {
                  "code": {
                    "command": "ScheduleActivityTask \"reserve\" (id 1)",
                    "phrase": "activity \"reserve\" (id 1)",
                    "place": {
                      "column": 9,
                      "file": "sdk-replay/tests/report/orders.rs",
                      "line": 45
                    }
                  },
                  "diverges": false,
                  "history": {
                    "event": "ActivityTaskScheduled \"reserve\" (id 1)",
                    "event_id": 5,
                    "phrase": "activity \"reserve\" (id 1)"
                  },
                  "mark": "same",
                  "note": null
                },
                {
                  "code": {
                    "command": "ScheduleActivityTask \"ship\" (id 2)",
                    "phrase": "activity \"ship\" (id 2)",
                    "place": {
                      "column": 9,
                      "file": "sdk-replay/tests/report/orders.rs",
                      "line": 46
                    }
                  },
                  "diverges": true,
                  "history": {
                    "event": "ActivityTaskScheduled \"charge\" (id 2)",
                    "event_id": 11,
                    "phrase": "activity \"charge\" (id 2)"
                  },
                  "mark": "differs",
                  "note": null
                },
                {
                  "code": null,
                  "diverges": false,
                  "history": {
                    "event": "TimerStarted (id 1)",
                    "event_id": 17,
                    "phrase": "timer of 60s (id 1)"
                  },
                  "mark": "not_reached",
                  "note": null
                },
                {
                  "code": null,
                  "diverges": false,
                  "history": {
                    "event": "ActivityTaskScheduled \"ship\" (id 3)",
                    "event_id": 22,
                    "phrase": "activity \"ship\" (id 3)"
                  },
                  "mark": "not_reached",
                  "note": "the code issues this at event 11"
                },
                {
                  "code": null,
                  "diverges": false,
                  "history": {
                    "event": "WorkflowExecutionCompleted",
                    "event_id": 28,
                    "phrase": "end: completed"
                  },
                  "mark": "not_reached",
                  "note": null
                }
              ],
              "run_id": "run-1",
              "seconds": 0.02,
              "source": "histories/order-7.json",
              "task_started_event_id": 9,
              "waits": [
                {
                  "place": {
                    "column": 9,
                    "file": "sdk-replay/tests/report/orders.rs",
                    "line": 46
                  },
                  "what": "activity \"ship\""
                }
              ],
              "workflow_id": "order-7",
              "workflow_type": "order"
            }
          ],
          "format": 1,
          "histories": [
            {
              "events": 28,
              "is_passed": false,
              "run_id": "run-1",
              "seconds": 0.02,
              "source": "histories/order-7.json",
              "workflow_id": "order-7",
              "workflow_type": "order"
            },
            {
              "events": 28,
              "is_passed": true,
              "run_id": "run-1",
              "seconds": 0.01,
              "source": "histories/order-8.json",
              "workflow_id": "order-7",
              "workflow_type": "order"
            }
          ],
          "is_passed": false,
          "passed": 1,
          "seconds": 0.03,
          "types": {
            "order": {
              "failed": 1,
              "passed": 1
            }
          }
        }"#]].assert_eq(&format!("{json:#}"));
}

#[tokio::test]
async fn findings_are_read_back() {
    let report = report().await;
    let finding = report.findings().next().unwrap();
    let json = serde_json::to_string(finding).unwrap();
    let read: durably_replay::report::Finding = serde_json::from_str(&json).unwrap();
    assert_eq!(&read, finding);
}

#[tokio::test]
async fn github() {
    expect![[r#"
        ::error file=sdk-replay/tests/report/orders.rs,line=46,col=9,title=order order-7%3A the code does not follow the history::At event 11 history has activity "charge" (id 2); the code issues activity "ship" (id 2).%0AThe code was here after: activity "reserve" (id 1) (sdk-replay/tests/report/orders.rs:45)%0ALikely cause: A call was moved: `ship` comes before `charge` now. History has `ship` too, later: at event 22. The code issues it where history has `charge`.%0AFix: Keep the old way for runs that are under way, behind a patch. When none of them is open any more, put `ctx.deprecate_patch(..)` in its place, and drop that when no run with the patch's marker is open.%0Aif ctx.patched("ship-before-charge") {%0A    // as the code is now%0A    ctx.activity(ship, ..).await?;%0A    ctx.activity(charge, ..).await?;%0A} else {%0A    // as it was when this run began%0A    ctx.activity(charge, ..).await?;%0A    ctx.sleep(Duration::from_secs(60)).await?;%0A    ctx.activity(ship, ..).await?;%0A}%0AHistory: histories/order-7.json
    "#]].assert_eq(&report().await.to_github());
}

#[tokio::test]
async fn junit() {
    expect![[r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="durably replay" tests="2" failures="1" errors="0" skipped="0" time="0.030">
          <testsuite name="durably replay" tests="2" failures="1" errors="0" skipped="0" time="0.030">
            <testcase classname="order" name="histories/order-7.json" time="0.020" file="sdk-replay/tests/report/orders.rs" line="46">
              <failure type="the code does not follow the history" message="At event 11 history has activity &quot;charge&quot; (id 2); the code issues activity &quot;ship&quot; (id 2).">FAIL  order  order-7
              histories/order-7.json, run run-1, 28 events

          At event 11 history has activity &quot;charge&quot; (id 2); the code issues activity &quot;ship&quot; (id 2).

          problem    the code does not follow the history
          history    event 11, ActivityTaskScheduled &quot;charge&quot; (id 2)
          code       ScheduleActivityTask &quot;ship&quot; (id 2)
          at         sdk-replay/tests/report/orders.rs:46
          after      activity &quot;reserve&quot; (id 1) at sdk-replay/tests/report/orders.rs:45
          task       the workflow task of event 9

              event  history                    code
            =     5  activity &quot;reserve&quot; (id 1)  activity &quot;reserve&quot; (id 1)
                                                sdk-replay/tests/report/orders.rs:45
          &gt; !    11  activity &quot;charge&quot; (id 2)   activity &quot;ship&quot; (id 2)
                                                sdk-replay/tests/report/orders.rs:46
            ?    17  timer of 60s (id 1)        -
            ?    22  activity &quot;ship&quot; (id 3)     -
                                                (the code issues this at event 11)
            ?    28  end: completed             -
            &gt; here they part   = same   ! differs   ? not reached

          Likely cause: A call was moved: `ship` comes before `charge` now
            History has `ship` too, later: at event 22. The code issues it where history has `charge`.
            Fix (sdk-replay/tests/report/orders.rs:46): Keep the old way for runs that are under way, behind
            a patch. When none of them is open any more, put `ctx.deprecate_patch(..)` in its place, and
            drop that when no run with the patch&apos;s marker is open.
                if ctx.patched(&quot;ship-before-charge&quot;) {
                    // as the code is now
                    ctx.activity(ship, ..).await?;
                    ctx.activity(charge, ..).await?;
                } else {
                    // as it was when this run began
                    ctx.activity(charge, ..).await?;
                    ctx.sleep(Duration::from_secs(60)).await?;
                    ctx.activity(ship, ..).await?;
                }

          Or: `charge` and the timer of 60s were removed
            The code goes on with `ship`, which history has at event 22.
            Fix (sdk-replay/tests/report/orders.rs:46): as above, with
                if !ctx.patched(&quot;without-charge&quot;) {
                    // as it was when this run began
                    ctx.activity(charge, ..).await?;
                    ctx.sleep(Duration::from_secs(60)).await?;
                }
        </failure>
            </testcase>
            <testcase classname="order" name="histories/order-8.json" time="0.010"/>
          </testsuite>
        </testsuites>
    "#]].assert_eq(&report().await.to_junit());
}
