//! The payloads of a whole message, encoded or decoded in one call of the codec.

use durably_protos::google::protobuf::Any;
use durably_protos::temporal::api::common::v1::Header;
use durably_protos::temporal::api::failure::v1::Failure;
use durably_protos::temporal::api::update::v1::{Acceptance, Rejection, Request, Response};
use durably_protos::{PayloadVisitor, VisitPayloads};
use prost::{Message, Name};

use super::failure::hide_attributes;
use super::{AnyCodec, Edge, Payload, PayloadCodecError};

/// Encodings that no codec writes.
const OWN_ENCODINGS: [&[u8]; 5] = [
    b"binary/null",
    b"binary/plain",
    b"binary/protobuf",
    b"json/plain",
    b"json/protobuf",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Encode,
    Decode,
}

impl Edge {
    /// Encodes the payloads of a message that goes to the server.
    pub(crate) async fn encode<M>(&self, message: &mut M) -> Result<(), PayloadCodecError>
    where
        M: VisitPayloads + ?Sized,
    {
        if self.codec.is_none() && !self.failures {
            return Ok(());
        }
        self.change(message, Direction::Encode).await
    }

    /// Decodes the payloads of a message that comes from the server.
    pub(crate) async fn decode<M>(&self, message: &mut M) -> Result<(), PayloadCodecError>
    where
        M: VisitPayloads + ?Sized,
    {
        if self.codec.is_none() {
            return Ok(());
        }
        self.change(message, Direction::Decode).await
    }

    async fn change<M>(
        &self,
        message: &mut M,
        direction: Direction,
    ) -> Result<(), PayloadCodecError>
    where
        M: VisitPayloads + ?Sized,
    {
        let mut found = Found::new(self, direction);
        message.visit_payloads(&mut found);
        let (mut payloads, packed) = (found.payloads, found.bodies);
        let mut bodies = Vec::with_capacity(packed.len());
        for body in packed {
            if let Some(unpacked) = Body::unpack(body)? {
                bodies.push((body, unpacked));
            }
        }
        for (_, body) in &mut bodies {
            let mut found = Found::new(self, direction);
            body.visit_payloads(&mut found);
            payloads.extend(found.payloads);
        }
        if let Some(codec) = &self.codec
            && !payloads.is_empty()
        {
            run(&**codec, payloads, direction).await?;
        }
        for (packed, body) in bodies {
            packed.value = body.encode().into();
        }
        Ok(())
    }
}

async fn run(
    codec: &dyn AnyCodec,
    places: Vec<&mut Payload>,
    direction: Direction,
) -> Result<(), PayloadCodecError> {
    let count = places.len();
    let mut places = places;
    let taken = places.iter_mut().map(|place| std::mem::take(*place));
    let taken = taken.collect();
    let changed = match direction {
        Direction::Encode => {
            codec
                .encode(taken)
                .await
                .map_err(|source| PayloadCodecError::Encode {
                    payloads: count,
                    source,
                })
        }
        Direction::Decode => {
            codec
                .decode(taken)
                .await
                .map_err(|source| PayloadCodecError::Decode {
                    payloads: count,
                    source,
                })
        }
    }?;
    if changed.len() != count {
        return Err(PayloadCodecError::Count {
            payloads: count,
            given: changed.len(),
        });
    }
    for (place, payload) in places.into_iter().zip(changed) {
        *place = payload;
    }
    Ok(())
}

/// The payloads of a message that the codec is to change.
struct Found<'a> {
    direction: Direction,
    encode_headers: bool,
    hide_failures: bool,
    payloads: Vec<&'a mut Payload>,
    bodies: Vec<&'a mut Any>,
}

impl Found<'_> {
    fn new(edge: &Edge, direction: Direction) -> Self {
        Self {
            direction,
            encode_headers: edge.headers,
            hide_failures: edge.failures && direction == Direction::Encode,
            payloads: Vec::new(),
            bodies: Vec::new(),
        }
    }
}

impl<'a> PayloadVisitor<'a> for Found<'a> {
    fn payload(&mut self, payload: &'a mut Payload) {
        self.payloads.push(payload);
    }

    /// Other SDKs encode some of these; Durably encodes none, so that every tool can read them
    /// (protocol 7.2).
    fn marker_payload(&mut self, payload: &'a mut Payload) {
        if self.direction == Direction::Decode && is_encoded(payload) {
            self.payloads.push(payload);
        }
    }

    /// Whoever sent them decided whether they are encoded.
    fn header(&mut self, header: &'a mut Header) {
        let fields = header.fields.values_mut();
        match self.direction {
            Direction::Encode if self.encode_headers => self.payloads.extend(fields),
            Direction::Encode => {}
            Direction::Decode => self
                .payloads
                .extend(fields.filter(|field| is_encoded(field))),
        }
    }

    fn failure(&mut self, failure: &'a mut Failure) {
        if self.hide_failures {
            hide_attributes(failure);
        }
        failure.visit_fields(self);
    }

    fn body(&mut self, body: &'a mut Any) {
        self.bodies.push(body);
    }
}

/// Whether a codec wrote it.
fn is_encoded(payload: &Payload) -> bool {
    let encoding = payload.metadata.get("encoding");
    encoding.is_some_and(|encoding| !OWN_ENCODINGS.contains(&encoding.as_ref()))
}

/// An update's message, out of its `Any` (protocol 5.2).
enum Body {
    Request(Request),
    Acceptance(Acceptance),
    Rejection(Rejection),
    Response(Response),
}

impl Body {
    /// None for a message of another type, in which there are no payloads.
    fn unpack(packed: &Any) -> Result<Option<Self>, PayloadCodecError> {
        let name = packed.type_url.rsplit('/').next().unwrap_or_default();
        let body = if name == Request::full_name() {
            read(packed).map(Self::Request)
        } else if name == Acceptance::full_name() {
            read(packed).map(Self::Acceptance)
        } else if name == Rejection::full_name() {
            read(packed).map(Self::Rejection)
        } else if name == Response::full_name() {
            read(packed).map(Self::Response)
        } else {
            return Ok(None);
        };
        body.map(Some)
    }

    fn encode(&self) -> Vec<u8> {
        match self {
            Self::Request(body) => body.encode_to_vec(),
            Self::Acceptance(body) => body.encode_to_vec(),
            Self::Rejection(body) => body.encode_to_vec(),
            Self::Response(body) => body.encode_to_vec(),
        }
    }

    fn visit_payloads<'a>(&'a mut self, visitor: &mut dyn PayloadVisitor<'a>) {
        match self {
            Self::Request(body) => body.visit_payloads(visitor),
            Self::Acceptance(body) => body.visit_payloads(visitor),
            Self::Rejection(body) => body.visit_payloads(visitor),
            Self::Response(body) => body.visit_payloads(visitor),
        }
    }
}

fn read<M: Message + Default>(packed: &Any) -> Result<M, PayloadCodecError> {
    M::decode(packed.value.clone()).map_err(|error| PayloadCodecError::UpdateMessage {
        type_url: packed.type_url.clone(),
        problem: error.to_string(),
    })
}
