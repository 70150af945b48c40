//! A Temporal-compatible server in memory, for local development and other languages.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::ExitCode;

use durably_protos::temporal::api::enums::v1::IndexedValueType;
use durably_test::server::{ClockMode, TestServer};

const USAGE: &str = "\
durably-server: a Temporal-compatible server in memory; ctrl-C ends it and forgets everything

  --port <port>                     where to listen; 7233 unless given, 0 for any free port
  --ip <address>                    on which address; 127.0.0.1 unless given
  --namespace <name>                a further namespace beside `default`; may be repeated
  --search-attribute <name>=<type>  a custom search attribute: Text, Keyword, Int, Double, Bool,
                                    Datetime or KeywordList; may be repeated
  --skip-time                       skip time while nothing is under way and a caller waits
  --test-service                    skip time as the Java test server does, locked at first
";

/// What the command line asks for.
struct Arguments {
    ip: IpAddr,
    port: u16,
    namespaces: Vec<String>,
    search_attributes: Vec<(String, IndexedValueType)>,
    clock: ClockMode,
    by_locks: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = match read(std::env::args().skip(1)) {
        Ok(Some(arguments)) => arguments,
        Ok(None) => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(message) => {
            eprint!("durably-server: {message}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match serve(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("durably-server: {message}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(arguments: Arguments) -> Result<(), String> {
    let mut builder = TestServer::builder().clock(arguments.clock);
    for namespace in arguments.namespaces {
        builder = builder.namespace(namespace);
    }
    for (name, kind) in arguments.search_attributes {
        builder = builder.search_attribute(name, kind);
    }
    if arguments.by_locks {
        builder = builder.skip_by_locks(true);
    }
    let server = builder.start();
    let wanted = SocketAddr::new(arguments.ip, arguments.port);
    let listening = server
        .listen(wanted)
        .await
        .map_err(|error| format!("cannot listen on {wanted}: {error}; choose another --port"))?;
    println!("listening on {}", listening.address());
    println!(
        "in memory: workflows, activities, signals, queries, updates, children, timers, resets"
    );
    println!("ctrl-C ends it");
    tokio::signal::ctrl_c()
        .await
        .map_err(|error| format!("cannot wait for ctrl-C: {error}"))
}

fn read(mut arguments: impl Iterator<Item = String>) -> Result<Option<Arguments>, String> {
    let mut read = Arguments {
        ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
        port: 7233,
        namespaces: Vec::new(),
        search_attributes: Vec::new(),
        clock: ClockMode::RealTime,
        by_locks: false,
    };
    while let Some(argument) = arguments.next() {
        let mut value = || {
            let value = arguments.next();
            value.ok_or_else(|| format!("{argument} needs a value"))
        };
        match argument.as_str() {
            "--help" | "-h" => return Ok(None),
            "--port" => {
                let port = value()?;
                let number = port.parse();
                read.port = number.map_err(|_| format!("{port:?} is no port: 0 to 65535"))?;
            }
            "--ip" => {
                let ip = value()?;
                let address = ip.parse();
                read.ip = address.map_err(|_| format!("{ip:?} is no IP address"))?;
            }
            "--namespace" => read.namespaces.push(value()?),
            "--search-attribute" => read.search_attributes.push(search_attribute(&value()?)?),
            "--skip-time" => read.clock = ClockMode::AutoSkip,
            "--test-service" => {
                read.clock = ClockMode::AutoSkip;
                read.by_locks = true;
            }
            other => return Err(format!("{other:?} is not known")),
        }
    }
    Ok(Some(read))
}

fn search_attribute(text: &str) -> Result<(String, IndexedValueType), String> {
    let (name, kind) = text
        .split_once('=')
        .ok_or_else(|| format!("{text:?} is not of the form name=type"))?;
    let kind = match kind {
        "Text" => IndexedValueType::Text,
        "Keyword" => IndexedValueType::Keyword,
        "Int" => IndexedValueType::Int,
        "Double" => IndexedValueType::Double,
        "Bool" => IndexedValueType::Bool,
        "Datetime" => IndexedValueType::Datetime,
        "KeywordList" => IndexedValueType::KeywordList,
        other => {
            return Err(format!(
                "{other:?} is no type: Text, Keyword, Int, Double, Bool, Datetime or KeywordList"
            ));
        }
    };
    Ok((name.to_owned(), kind))
}
