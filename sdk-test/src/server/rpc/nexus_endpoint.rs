//! `CreateNexusEndpoint`, `GetNexusEndpoint`, `ListNexusEndpoints`, `UpdateNexusEndpoint`,
//! `DeleteNexusEndpoint`.

use durably_protos::temporal::api::nexus::v1::endpoint_target::Variant;
use durably_protos::temporal::api::nexus::v1::{Endpoint, EndpointSpec};
use durably_protos::temporal::api::operatorservice::v1::{
    CreateNexusEndpointRequest, CreateNexusEndpointResponse, DeleteNexusEndpointRequest,
    DeleteNexusEndpointResponse, GetNexusEndpointRequest, GetNexusEndpointResponse,
    ListNexusEndpointsRequest, ListNexusEndpointsResponse, UpdateNexusEndpointRequest,
    UpdateNexusEndpointResponse,
};
use tonic::Status;
use uuid::Uuid;

use crate::server::refusal::{Answer, invalid, not_found};
use crate::server::world::World;

const LONGEST_NAME: usize = 200;
/// Endpoints in a page unless asked for fewer or more.
const PAGE: usize = 100;

pub(crate) fn create(
    world: &mut World,
    request: CreateNexusEndpointRequest,
) -> Answer<CreateNexusEndpointResponse> {
    let spec = check(world, request.spec.unwrap_or_default())?;
    if world.nexus_endpoints.named(&spec.name).is_some() {
        return Err(already_registered(&spec.name));
    }
    let id = world.ids.uuid();
    let endpoint = Endpoint {
        version: 1,
        url_prefix: format!("/nexus/endpoints/{id}/services"),
        id,
        spec: Some(spec),
        created_time: Some(world.now.timestamp()),
        last_modified_time: None,
    };
    world.nexus_endpoints.put(endpoint.clone());
    Ok(CreateNexusEndpointResponse {
        endpoint: Some(endpoint),
    })
}

pub(super) fn get(
    world: &mut World,
    request: GetNexusEndpointRequest,
) -> Answer<GetNexusEndpointResponse> {
    check_id(&request.id)?;
    let endpoint = world.nexus_endpoints.get(&request.id).cloned();
    let endpoint = endpoint.ok_or_else(|| {
        let id = &request.id;
        not_found(format!("Nexus endpoint with ID `{id}` not found"))
    })?;
    Ok(GetNexusEndpointResponse {
        endpoint: Some(endpoint),
    })
}

/// Endpoints come in the order of their ids; a page's token is the last id of the one before.
pub(super) fn list(
    world: &mut World,
    request: ListNexusEndpointsRequest,
) -> Answer<ListNexusEndpointsResponse> {
    if !request.name.is_empty() {
        let named = world.nexus_endpoints.named(&request.name);
        return Ok(ListNexusEndpointsResponse {
            endpoints: named.cloned().into_iter().collect(),
            ..ListNexusEndpointsResponse::default()
        });
    }
    let after = std::str::from_utf8(&request.next_page_token);
    let after = after.map_err(|_| invalid("invalid next page token"))?;
    let size = match usize::try_from(request.page_size) {
        Ok(0) | Err(_) => PAGE,
        Ok(size) => size,
    };
    let later = world.nexus_endpoints.iter();
    let mut later = later.filter(|endpoint| endpoint.id.as_str() > after);
    let endpoints: Vec<_> = later.by_ref().take(size).cloned().collect();
    let last = endpoints.last().filter(|_| later.next().is_some());
    Ok(ListNexusEndpointsResponse {
        next_page_token: last.map(|last| last.id.clone().into()).unwrap_or_default(),
        endpoints,
    })
}

pub(super) fn update(
    world: &mut World,
    request: UpdateNexusEndpointRequest,
) -> Answer<UpdateNexusEndpointResponse> {
    check_id(&request.id)?;
    let spec = check(world, request.spec.unwrap_or_default())?;
    let Some(old) = world.nexus_endpoints.get(&request.id) else {
        return Err(not_found(format!(
            "error updating Nexus endpoint. endpoint ID {} not found",
            request.id
        )));
    };
    if old.version != request.version {
        return Err(Status::failed_precondition(format!(
            "nexus endpoint version mismatch. received: {} expected {}",
            request.version, old.version
        )));
    }
    let named = world.nexus_endpoints.named(&spec.name);
    if named.is_some_and(|named| named.id != request.id) {
        return Err(already_registered(&spec.name));
    }
    let endpoint = Endpoint {
        version: old.version + 1,
        spec: Some(spec),
        last_modified_time: Some(world.now.timestamp()),
        ..old.clone()
    };
    world.nexus_endpoints.put(endpoint.clone());
    Ok(UpdateNexusEndpointResponse {
        endpoint: Some(endpoint),
    })
}

/// As on the real server, any version above zero will do.
pub(super) fn delete(
    world: &mut World,
    request: DeleteNexusEndpointRequest,
) -> Answer<DeleteNexusEndpointResponse> {
    check_id(&request.id)?;
    if request.version <= 0 {
        return Err(invalid("endpoint version is non-positive"));
    }
    match world.nexus_endpoints.remove(&request.id) {
        Some(_) => Ok(DeleteNexusEndpointResponse {}),
        None => Err(not_found(format!(
            "error deleting nexus endpoint with ID: {}",
            request.id
        ))),
    }
}

fn already_registered(name: &str) -> Status {
    Status::already_exists(format!(
        "error creating Nexus endpoint. Endpoint with name {name} already registered"
    ))
}

fn check_id(id: &str) -> Answer<()> {
    if id.is_empty() {
        return Err(invalid("endpoint ID not set"));
    }
    match Uuid::try_parse(id) {
        Ok(_) => Ok(()),
        Err(error) => Err(invalid(format!("malformed endpoint ID: \"{error}\""))),
    }
}

/// Names everything that is wrong with an endpoint.
fn check(world: &World, spec: EndpointSpec) -> Answer<EndpointSpec> {
    let mut faults = Vec::new();
    if spec.name.is_empty() {
        faults.push("endpoint name not set".to_owned());
    } else if spec.name.len() > LONGEST_NAME {
        faults.push(format!(
            "endpoint name exceeds length limit of {LONGEST_NAME}"
        ));
    } else if !is_name(&spec.name) {
        faults.push(
            r#"endpoint name must match the regex: "^[a-zA-Z][a-zA-Z0-9\\-]*[a-zA-Z0-9]$""#
                .to_owned(),
        );
    }
    let target = spec
        .target
        .as_ref()
        .and_then(|target| target.variant.as_ref());
    match target {
        None => faults.push("empty target variant".to_owned()),
        Some(Variant::Worker(worker)) => {
            if worker.namespace.is_empty() {
                faults.push("target namespace not set".to_owned());
            } else if world.namespaces.find(&worker.namespace).is_none() {
                return Err(Status::failed_precondition(format!(
                    "could not verify namespace referenced by target exists: Namespace {} is not found.",
                    worker.namespace
                )));
            }
            if worker.task_queue.is_empty() {
                faults.push(r#"invalid target task queue: "taskQueue is not set""#.to_owned());
            }
        }
        Some(Variant::External(external)) => {
            let scheme = external
                .url
                .split_once("://")
                .map_or("", |(scheme, _)| scheme);
            if !matches!(scheme, "http" | "https") {
                faults.push(format!(
                    "invalid target URL scheme: {scheme:?}, expected http or https"
                ));
            }
        }
    }
    if !faults.is_empty() {
        return Err(invalid(faults.join(", ")));
    }
    if let Some(Variant::External(external)) = target {
        return Err(Status::unimplemented(format!(
            "this server calls no other servers, so that an endpoint cannot have the external target {}: use \
             a worker target (namespace and task queue)",
            external.url
        )));
    }
    Ok(spec)
}

/// A letter, then letters, digits and hyphens, at last a letter or digit; two of them at least.
fn is_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else {
        return false;
    };
    let inner = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    bytes.len() > 1
        && first.is_ascii_alphabetic()
        && last.is_ascii_alphanumeric()
        && bytes.iter().all(inner)
}
