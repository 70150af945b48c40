//! Services: tonic client and server stubs, in files of their own so that each can be behind its feature.

use std::cell::RefCell;
use std::rc::Rc;

use prost_build::{Service, ServiceGenerator};
use prost_types::FileDescriptorSet;

use super::ProtosError;
use super::messages::{self, Packages};

/// The stubs of every package that has services.
#[derive(Default)]
pub(crate) struct Services {
    pub(crate) clients: Packages,
    pub(crate) servers: Packages,
}

/// Generates the stubs of every service.
pub(crate) fn generate(definitions: &FileDescriptorSet) -> Result<Services, ProtosError> {
    let services = Rc::new(RefCell::new(Services::default()));
    let generator = SeparateFiles {
        client: stubs().build_server(false).service_generator(),
        // A server that offers a part of a service answers UNIMPLEMENTED to the rest, as gRPC wants it.
        server: stubs()
            .build_client(false)
            .generate_default_stubs(true)
            .service_generator(),
        services: Rc::clone(&services),
    };
    messages::config()
        .service_generator(Box::new(generator))
        .generate(messages::requests(definitions))
        .map_err(ProtosError::Messages)?;
    Ok(services.take())
}

fn stubs() -> tonic_prost_build::Builder {
    tonic_prost_build::configure()
        .compile_well_known_types(true)
        .disable_comments(["."])
}

/// Keeps the stubs apart from the messages, in whose file prost-build would put them.
struct SeparateFiles {
    client: Box<dyn ServiceGenerator>,
    server: Box<dyn ServiceGenerator>,
    services: Rc<RefCell<Services>>,
}

impl ServiceGenerator for SeparateFiles {
    fn generate(&mut self, service: Service, _messages: &mut String) {
        let mut services = self.services.borrow_mut();
        let package = service.package.clone();
        let clients = services.clients.entry(package.clone()).or_default();
        self.client.generate(service.clone(), clients);
        let servers = services.servers.entry(package).or_default();
        self.server.generate(service, servers);
    }
}
