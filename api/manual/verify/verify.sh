# genuine SECRET ID TIMESTAMP SIGNATURES reads the body from a file on its input.
genuine() {
  age=$(($(date +%s) - $3))
  [ "$age" -gt -300 ] && [ "$age" -lt 300 ] || return 1
  key=$(printf %s "${1#whsec_}" | base64 -d | od -An -v -tx1 | tr -d ' \n')
  want="v1,$({ printf %s "$2.$3."; cat; } |
    openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | base64)"
  case " $4 " in *" $want "*) return 0 ;; *) return 1 ;; esac
}
