//! Namespaces and their search attributes.

use std::sync::Arc;

use durably_protos::temporal::api::enums::v1::{ArchivalState, NamespaceState};
use durably_protos::temporal::api::errordetails::v1::NamespaceAlreadyExistsFailure;
use durably_protos::temporal::api::namespace::v1::namespace_info::{Capabilities, Limits};
use durably_protos::temporal::api::namespace::v1::{NamespaceConfig, NamespaceInfo};
use durably_protos::temporal::api::operatorservice::v1::{
    AddSearchAttributesRequest, AddSearchAttributesResponse, DeleteNamespaceRequest,
    DeleteNamespaceResponse, ListSearchAttributesRequest, ListSearchAttributesResponse,
    RemoveSearchAttributesRequest, RemoveSearchAttributesResponse,
};
use durably_protos::temporal::api::replication::v1::{
    ClusterReplicationConfig, NamespaceReplicationConfig,
};
use durably_protos::temporal::api::workflowservice::v1::{
    DescribeNamespaceRequest, DescribeNamespaceResponse, GetSearchAttributesRequest,
    GetSearchAttributesResponse, ListNamespacesRequest, ListNamespacesResponse,
    RegisterNamespaceRequest, RegisterNamespaceResponse, UpdateNamespaceRequest,
    UpdateNamespaceResponse,
};
use tonic::Code;

use crate::server::namespaces::{Namespace, NamespaceName};
use crate::server::refusal::{Answer, invalid, namespace_not_found, with_detail};
use crate::server::search_attributes::SearchAttributeRegistry;
use crate::server::time::Span;
use crate::server::validate;
use crate::server::world::World;

pub(super) fn describe(
    world: &mut World,
    request: DescribeNamespaceRequest,
) -> Answer<DescribeNamespaceResponse> {
    let namespace = if request.namespace.is_empty() && !request.id.is_empty() {
        let found = world.namespaces.find_by_id(&request.id);
        found.ok_or_else(|| namespace_not_found(&request.id))?
    } else {
        world.namespaces.get(&request.namespace)?
    };
    Ok(description(world, namespace))
}

fn description(world: &World, namespace: &Namespace) -> DescribeNamespaceResponse {
    let bytes = i64::try_from(world.limits.blob_bytes).unwrap_or(i64::MAX);
    DescribeNamespaceResponse {
        namespace_info: Some(NamespaceInfo {
            name: namespace.name.name.clone(),
            state: NamespaceState::Registered.into(),
            description: namespace.description.clone(),
            owner_email: namespace.owner_email.clone(),
            data: namespace.data.clone(),
            id: namespace.name.id.clone(),
            capabilities: Some(Capabilities {
                eager_workflow_start: true,
                sync_update: true,
                async_update: true,
                worker_heartbeats: true,
                ..Capabilities::default()
            }),
            limits: Some(Limits {
                blob_size_limit_error: bytes,
                memo_size_limit_error: bytes,
                workflow_task_completion_size_limit_error: 40 << 20,
            }),
            supports_schedules: true,
        }),
        config: Some(config(namespace)),
        replication_config: Some(replication()),
        ..DescribeNamespaceResponse::default()
    }
}

fn config(namespace: &Namespace) -> NamespaceConfig {
    NamespaceConfig {
        workflow_execution_retention_ttl: Some(namespace.retention.duration()),
        history_archival_state: ArchivalState::Disabled.into(),
        visibility_archival_state: ArchivalState::Disabled.into(),
        ..NamespaceConfig::default()
    }
}

fn replication() -> NamespaceReplicationConfig {
    NamespaceReplicationConfig {
        active_cluster_name: "active".to_owned(),
        clusters: vec![ClusterReplicationConfig {
            cluster_name: "active".to_owned(),
            ..ClusterReplicationConfig::default()
        }],
        ..NamespaceReplicationConfig::default()
    }
}

pub(super) fn list(world: &mut World, _: ListNamespacesRequest) -> Answer<ListNamespacesResponse> {
    let namespaces = world.namespaces.iter();
    Ok(ListNamespacesResponse {
        namespaces: namespaces
            .map(|namespace| description(world, namespace))
            .collect(),
        ..ListNamespacesResponse::default()
    })
}

pub(super) fn register(
    world: &mut World,
    request: RegisterNamespaceRequest,
) -> Answer<RegisterNamespaceResponse> {
    validate::required(&world.limits, &request.namespace, "Namespace")?;
    let retention = Span::of(request.workflow_execution_retention_period.as_ref());
    if retention.0 <= 0 {
        return Err(invalid("A valid retention period is not set on request."));
    }
    if world.namespaces.find(&request.namespace).is_some() {
        let detail = NamespaceAlreadyExistsFailure {};
        return Err(with_detail(
            Code::AlreadyExists,
            format!("Namespace \"{}\" already exists", request.namespace),
            &detail,
        ));
    }
    let id = world.ids.uuid();
    world.namespaces.add(Namespace {
        name: Arc::new(NamespaceName {
            name: request.namespace,
            id,
        }),
        search_attributes: SearchAttributeRegistry::default(),
        description: request.description,
        owner_email: request.owner_email,
        data: request.data,
        retention,
    });
    Ok(RegisterNamespaceResponse {})
}

pub(super) fn update(
    world: &mut World,
    request: UpdateNamespaceRequest,
) -> Answer<UpdateNamespaceResponse> {
    world.namespaces.get(&request.namespace)?;
    if let Some(namespace) = world.namespaces.find_mut(&request.namespace) {
        if let Some(info) = request.update_info {
            if !info.description.is_empty() {
                namespace.description = info.description;
            }
            if !info.owner_email.is_empty() {
                namespace.owner_email = info.owner_email;
            }
            namespace.data.extend(info.data);
        }
        let retention = request
            .config
            .and_then(|config| config.workflow_execution_retention_ttl);
        if let Some(retention) = retention {
            namespace.retention = Span::of(Some(&retention));
        }
    }
    let described = description(world, world.namespaces.get(&request.namespace)?);
    Ok(UpdateNamespaceResponse {
        namespace_info: described.namespace_info,
        config: described.config,
        replication_config: described.replication_config,
        ..UpdateNamespaceResponse::default()
    })
}

/// Forgets a namespace with all its schedules and runs.
pub(super) fn delete(
    world: &mut World,
    request: DeleteNamespaceRequest,
) -> Answer<DeleteNamespaceResponse> {
    let name = match world.namespaces.find_by_id(&request.namespace_id) {
        Some(namespace) if request.namespace.is_empty() => namespace.name.clone(),
        _ => world.namespaces.get(&request.namespace)?.name.clone(),
    };
    world.remove_schedules_of(&name.name);
    let of_namespace = world.runs().filter(|run| run.namespace == name);
    let runs: Vec<_> = of_namespace.map(|run| run.index).collect();
    for &index in &runs {
        world.change(index, |run, tx| {
            let reason = "Delete namespace".to_owned();
            run.terminate(tx, reason, None, "history-service".to_owned());
        });
    }
    world.finish();
    for index in runs {
        world.remove(index);
    }
    world.workers.remove_namespace(&name.name);
    world.namespaces.remove(&name.name);
    let mark: String = name.id.chars().take(5).collect();
    Ok(DeleteNamespaceResponse {
        deleted_namespace: format!("{}-deleted-{mark}", name.name),
    })
}

pub(super) fn add_search_attributes(
    world: &mut World,
    request: AddSearchAttributesRequest,
) -> Answer<AddSearchAttributesResponse> {
    world.namespaces.get(&request.namespace)?;
    if let Some(namespace) = world.namespaces.find_mut(&request.namespace) {
        let added = namespace.search_attributes.add(&request.search_attributes);
        added.map_err(|error| invalid(error.to_string()))?;
    }
    Ok(AddSearchAttributesResponse {})
}

pub(super) fn remove_search_attributes(
    world: &mut World,
    request: RemoveSearchAttributesRequest,
) -> Answer<RemoveSearchAttributesResponse> {
    world.namespaces.get(&request.namespace)?;
    if let Some(namespace) = world.namespaces.find_mut(&request.namespace) {
        let removed = namespace
            .search_attributes
            .remove(&request.search_attributes);
        removed.map_err(|error| invalid(error.to_string()))?;
    }
    Ok(RemoveSearchAttributesResponse {})
}

pub(super) fn list_search_attributes(
    world: &mut World,
    request: ListSearchAttributesRequest,
) -> Answer<ListSearchAttributesResponse> {
    let namespace = world.namespaces.get(&request.namespace)?;
    let custom = namespace.search_attributes.custom().iter();
    Ok(ListSearchAttributesResponse {
        custom_attributes: custom
            .map(|(name, &kind)| (name.clone(), kind.into()))
            .collect(),
        system_attributes: system_attributes(),
        ..ListSearchAttributesResponse::default()
    })
}

pub(super) fn get_search_attributes(
    world: &mut World,
    _: GetSearchAttributesRequest,
) -> Answer<GetSearchAttributesResponse> {
    let mut keys = system_attributes();
    for namespace in world.namespaces.iter() {
        let custom = namespace.search_attributes.custom().iter();
        keys.extend(custom.map(|(name, &kind)| (name.clone(), i32::from(kind))));
    }
    Ok(GetSearchAttributesResponse { keys })
}

fn system_attributes() -> std::collections::BTreeMap<String, i32> {
    let system = SearchAttributeRegistry::system();
    system
        .map(|(name, kind)| (name.to_owned(), kind.into()))
        .collect()
}
