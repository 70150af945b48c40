#!/bin/sh
# Makes the certificates of the TLS tests anew: an authority, and a server's and a client's
# certificate signed by it. They are valid for a hundred years and used nowhere else.
set -eu
cd "$(dirname "$0")"
key() { openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "$1"; }

key authority.key
openssl req -x509 -new -key authority.key -sha256 -days 36500 -subj "/CN=Test authority" -out authority.pem
for name in server client; do
    key "$name.key"
    openssl req -new -key "$name.key" -subj "/CN=$name" -out "$name.csr"
    printf 'subjectAltName=DNS:temporal.test\nbasicConstraints=CA:FALSE\n' > "$name.ext"
    openssl x509 -req -in "$name.csr" -CA authority.pem -CAkey authority.key -CAcreateserial \
        -sha256 -days 36500 -extfile "$name.ext" -out "$name.pem"
done
rm -f authority.key ./*.csr ./*.ext ./*.srl
