//! How long it takes to replay histories of the load workflows, by length.

#[path = "load/mod.rs"]
mod load;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

use load::workflows::LoadWorkflow;
use load::{histories, pages, replay};

fn replays(criterion: &mut Criterion) {
    for kind in LoadWorkflow::ALL {
        let mut group = criterion.benchmark_group(kind.name());
        group.sample_size(20);
        for length in [1_000, 10_000, 50_000] {
            let events = histories::generate(kind, length);
            group.throughput(Throughput::Elements(events.len() as u64));
            group.bench_function(BenchmarkId::from_parameter(length), |bencher| {
                bencher.iter_batched(
                    || pages(events.clone()),
                    |pages| replay(pages).expect("the history fits the workflow"),
                    BatchSize::LargeInput,
                );
            });
        }
    }
}

criterion_group!(benches, replays);
criterion_main!(benches);
