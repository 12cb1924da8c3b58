package sms_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"relais/sms"
)

// Ids keep their bucket: what is written here never changes.
func TestBucketsStayForEver(t *testing.T) {
	for account, want := range map[string]sms.Bucket{
		"": 910, "default": 222, "ville": 937, "mairie-de-lyon": 368, "Écoles": 877, "a": 810, "b": 248,
	} {
		if got := sms.BucketOf(account); got != want {
			t.Errorf("account %q is in bucket %d, want %d", account, got, want)
		}
	}
}

func TestAccountsSpreadOverBuckets(t *testing.T) {
	var held [sms.Buckets]int
	for i := range 100 * sms.Buckets {
		held[sms.BucketOf(fmt.Sprintf("account-%d", i))]++
	}
	if least, most := slices.Min(held[:]), slices.Max(held[:]); least < 50 || most > 150 {
		t.Errorf("of 100 accounts for each bucket one has %d and another %d", least, most)
	}
}

var behind = time.Date(2027, 3, 1, 10, 0, 0, 0, time.UTC)

func TestIDsCarryTheirBucket(t *testing.T) {
	for b := range sms.Bucket(sms.Buckets) {
		id := b.NewID(behind)
		read, err := sms.ParseRef(id.Ref())
		if err != nil || read != id {
			t.Fatalf("ParseRef(%s) of %s = %v, %v", id.Ref(), id, read, err)
		}
		if got, known := read.Bucket(); !known || got != b {
			t.Fatalf("id %s is of bucket %d, %v; want %d", id, got, known, b)
		}
		if again, err := sms.ParseID(id.String()); err != nil || again != id {
			t.Fatalf("ParseID(%s) = %v, %v", id, again, err)
		}
	}
	if got, known := sms.NewID(behind).Bucket(); !known || got != sms.BucketOf("") {
		t.Errorf("an id of no account is of bucket %d, %v; want that of the empty name", got, known)
	}
}

// The order of ids comes from their time and their counter, whatever account they are of.
func TestBucketsLeaveTheOrder(t *testing.T) {
	var ids []string
	for i := range 10_000 {
		ids = append(ids, sms.Bucket((sms.Buckets-1-i)&(sms.Buckets-1)).NewID(behind).String())
	}
	if !slices.IsSorted(ids) {
		t.Error("ids of one millisecond and of several accounts are out of order")
	}
	if len(slices.Compact(ids)) != 10_000 {
		t.Error("two ids are the same")
	}
}

// An id that was made before ids carried a bucket is as good as ever, and says nothing.
func TestIDsOfBeforeHaveNoBucket(t *testing.T) {
	const text, ref = "01933b5c-8a01-7c3e-9f42-6a1b2c3d4e5c", "AZM7XIoBw-fQmobLD1OX"
	old, err := sms.ParseID(text)
	if err != nil {
		t.Fatal(err)
	}
	if b, known := old.Bucket(); known {
		t.Errorf("an id of %v is of bucket %d", old.Time(), b)
	}
	if read, err := sms.ParseRef(old.Ref()); err != nil || read != old || old.Ref() != ref {
		t.Errorf("ParseRef(%s) = %v, %v; want %s", old.Ref(), read, err, ref)
	}
}
