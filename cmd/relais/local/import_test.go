package local

import (
	"encoding/json"
	"strings"
	"testing"

	"relais/door/passerelle"
)

// TestImportedSlugIsOnlyAName: an export writes no section of its own into the
// configuration.
func TestImportedSlugIsOnlyAName(t *testing.T) {
	const slug = "town]\n[kannel.guest]\npassword = \"known\"\n[passerelle.x"
	export, err := json.Marshal(map[string]any{
		"resources": []any{map[string]any{
			"resource_type": "ovh.ovhsmsgateway", "slug": slug,
			"access_rights": []any{
				map[string]string{"codename": "can_send_messages", "apiuser": "forms]\n[kannel.other"},
			},
		}},
		"apiusers": []any{
			map[string]string{"username": "forms]\n[kannel.other", "keytype": "SIGN", "key": "secret"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	instances, _, err := passerelle.ParseExport(export)
	if err != nil || len(instances) != 1 {
		t.Fatalf("%d instances, %v", len(instances), err)
	}
	var b strings.Builder
	if err := writeSections(&b, instances, true); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "\n[kannel") || !strings.HasPrefix(b.String(), `[passerelle."town]`) {
		t.Errorf("written:\n%s", b.String())
	}
}
