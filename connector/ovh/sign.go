package ovh

import (
	"crypto/sha1"
	"encoding/hex"
	"strconv"
)

// signature is the header X-Ovh-Signature: "$1$", then the SHA-1 of six strings
// joined with "+" (guide "First Steps with the OVHcloud APIs"); OVH takes no
// stronger hash. url and body are byte for byte what is sent.
func signature(applicationSecret, consumerKey, method, url string, body []byte, unix int64) string {
	head := make([]byte, 0, 256)
	for _, part := range [...]string{applicationSecret, consumerKey, method, url} {
		head = append(head, part...)
		head = append(head, '+')
	}
	hash := sha1.New()
	hash.Write(head)
	hash.Write(body)
	hash.Write(strconv.AppendInt(append(head[:0], '+'), unix, 10))
	signed := append(make([]byte, 0, 3+2*sha1.Size), "$1$"...)
	return string(hex.AppendEncode(signed, hash.Sum(head[:0])))
}
