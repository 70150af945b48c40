//! m
use durably_protos::temporal::api::history::v1::*;
use prost::Message;
fn cpu() -> f64 {
    let t = nix::time::clock_gettime(nix::time::ClockId::CLOCK_PROCESS_CPUTIME_ID).unwrap();
    t.tv_sec() as f64 + t.tv_nsec() as f64 / 1e9
}
fn main() {
    let name = std::env::args().nth(1).unwrap();
    let n: usize = std::env::args().nth(2).unwrap().parse().unwrap();
    let bytes = std::fs::read(&name).unwrap();
    for _ in 0..n {
        let t = cpu();
        let h: History = if std::env::args().nth(3).as_deref() == Some("read") {
            durably_history::read(&name).unwrap().history
        } else if name.ends_with(".pb") {
            History::decode(bytes::Bytes::from(bytes.clone())).unwrap()
        } else if std::env::args().nth(3).is_none() {
            let mut h = History::default();
            let t = std::str::from_utf8(&bytes).unwrap();
            durably_protos::ReadJson::read_json(&mut h, &mut durably_protos::JsonReader::new(t))
                .unwrap();
            h
        } else {
            serde_json::from_slice(&bytes).unwrap()
        };
        let s = cpu() - t;
        println!(
            "{} {:.0} ev/s {:.0} MB/s",
            h.events.len(),
            h.events.len() as f64 / s,
            bytes.len() as f64 / s / 1e6
        );
    }
}
