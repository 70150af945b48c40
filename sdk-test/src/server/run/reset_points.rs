//! What worker versions have worked on a run: the points to which it can be reset to get rid of one, and the
//! search attributes that name them.

use bytes::Bytes;
use durably_protos::temporal::api::common::v1::{Payload, SearchAttributes, WorkerVersionStamp};
use durably_protos::temporal::api::workflow::v1::{ResetPointInfo, ResetPoints};

use super::Run;
use crate::server::time::Time;
use crate::server::world::Tx;

/// How many points are kept: the last ones.
const MOST: usize = 20;
const BUILD_IDS: &str = "BuildIds";
const CHECKSUMS: &str = "BinaryChecksums";
/// What `BuildIds` begins with if the workers have no versioning.
const UNVERSIONED: &str = "unversioned";

/// The versions of the workers that have completed workflow tasks.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct WorkerVersions {
    points: Vec<ResetPointInfo>,
    build_ids: Vec<String>,
    /// `BuildIds` and `BinaryChecksums`.
    pub(crate) search_attributes: SearchAttributes,
    pub(crate) most_recent: Option<WorkerVersionStamp>,
}

impl WorkerVersions {
    /// Those of a run that goes on where another has ended.
    pub(crate) fn after(points: Option<&ResetPoints>) -> Self {
        Self {
            points: points.map_or_else(Vec::new, |points| points.points.clone()),
            ..Self::default()
        }
    }

    pub(crate) fn points(&self) -> ResetPoints {
        ResetPoints {
            points: self.points.clone(),
        }
    }

    /// Where a run is reset to, to get rid of a build.
    pub(crate) fn point_of_build(&self, build_id: &str) -> Option<&ResetPointInfo> {
        let mut points = self.points.iter();
        points.find(|point| point.build_id == build_id)
    }

    fn note_build_id(&mut self, stamp: Option<&WorkerVersionStamp>) {
        let named = stamp.filter(|stamp| !stamp.build_id.is_empty());
        let is_versioned = named.is_some_and(|stamp| stamp.use_versioning);
        let ids = [
            (!is_versioned).then(|| UNVERSIONED.to_owned()),
            named.map(|stamp| match stamp.use_versioning {
                true => format!("versioned:{}", stamp.build_id),
                false => format!("{UNVERSIONED}:{}", stamp.build_id),
            }),
        ];
        let known = self.build_ids.len();
        for id in ids.into_iter().flatten() {
            if !self.build_ids.contains(&id) {
                self.build_ids.push(id);
            }
        }
        if self.build_ids.len() > known {
            let ids = keyword_list(self.build_ids.iter().map(String::as_str));
            let fields = &mut self.search_attributes.indexed_fields;
            fields.insert(BUILD_IDS.to_owned(), ids);
        }
    }

    fn note_point(&mut self, point: ResetPointInfo) {
        let is_same = |known: &ResetPointInfo| {
            known.build_id == point.build_id && known.binary_checksum == point.binary_checksum
        };
        if self.points.iter().any(is_same) {
            return;
        }
        let has_checksum = !point.binary_checksum.is_empty();
        self.points.push(point);
        if self.points.len() > MOST {
            self.points.remove(0);
        }
        if has_checksum {
            let sums = self.points.iter().map(|known| &*known.binary_checksum);
            let sums = keyword_list(sums.filter(|sum| !sum.is_empty()));
            let fields = &mut self.search_attributes.indexed_fields;
            fields.insert(CHECKSUMS.to_owned(), sums);
        }
    }
}

impl Run {
    /// A worker of some version has completed a workflow task with this event.
    pub(crate) fn note_version(
        &mut self,
        completed_id: i64,
        time: Time,
        checksum: &str,
        stamp: Option<&WorkerVersionStamp>,
    ) {
        let build_id = stamp.map_or("", |stamp| &stamp.build_id);
        let point = ResetPointInfo {
            build_id: build_id.to_owned(),
            binary_checksum: checksum.to_owned(),
            run_id: self.run_id.to_string(),
            first_workflow_task_completed_id: completed_id,
            create_time: Some(time.timestamp()),
            expire_time: None,
            // A reset would not know what becomes of them.
            resettable: self.children.is_empty(),
        };
        self.versions.note_build_id(stamp);
        self.versions.note_point(point);
        self.versions.most_recent = stamp.cloned();
    }

    /// The points for the run that follows this one; those here can be reached as long as this one is kept.
    pub(crate) fn points_of_next_run(&self, tx: &Tx<'_>) -> Option<ResetPoints> {
        let mut points = self.versions.points();
        let namespace = tx.namespaces.find(&self.namespace.name)?;
        let expires = tx.now.after(namespace.retention).timestamp();
        for point in &mut points.points {
            if *point.run_id == *self.run_id {
                point.expire_time = Some(expires);
            }
        }
        (!points.points.is_empty()).then_some(points)
    }

    /// The search attributes that it was given, and those that the server keeps.
    pub(crate) fn all_search_attributes(&self) -> SearchAttributes {
        let mut all = self.search_attributes.clone();
        let kept = &self.versions.search_attributes.indexed_fields;
        all.indexed_fields.extend(kept.clone());
        all
    }
}

fn keyword_list<'a>(words: impl Iterator<Item = &'a str>) -> Payload {
    let words: Vec<_> = words.collect();
    let metadata = [("encoding", "json/plain"), ("type", "KeywordList")];
    Payload {
        metadata: metadata
            .map(|(key, value)| (key.to_owned(), Bytes::from_static(value.as_bytes())))
            .into(),
        data: serde_json::json!(words).to_string().into(),
        ..Payload::default()
    }
}
