package smpp_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// pitfall is what went wrong for the users of another program, and the tests that show that it does not here.
type pitfall struct {
	what  string
	seen  string // issues: see projects
	tests string // PACKAGE.Test, or PACKAGE.Test/SUBTEST, with semicolons between
}

// projects are the repositories whose issues are named.
//
//	cloudhopper    twitter-archive/cloudhopper-smpp, and fizzed/cloudhopper-smpp where it says so
//	go-smpp        fiorix/go-smpp
//	gosmpp         linxGnu/gosmpp
//	jasmin         jookies/jasmin
//	jsmpp          opentelecoms-org/jsmpp, and uudashr/jsmpp where it says so
//	ksmppd         kneodev/ksmppd
//	mokai          elibom/mokai
//	node-smpp      farhadi/node-smpp
//	php-smpp       onlinecity/php-smpp
//	python-smpplib python-smpplib/python-smpplib
//	ruby-smpp      raykrueger/ruby-smpp
//	smppex         funbox/smppex
//	smscgateway    RestComm/smscgateway
//	sms-smpp       telenordigital/sms-smpp
//	smscsim        MavoCz/smscsim
//	JamaaSMPP      AdhamAwadhi/JamaaSMPP
//	vumi           praekeltfoundation/vumi
//
// The packages of tests are smpp, connector (connector/smpp), door (door/smpp) and gateway.
var pitfalls = []pitfall{
	// Doubt and duplicates
	{"the answer came after its timer, and the request had been put back: sent twice", "jasmin#247", "smpp.TestLateResponseReachesItsRequest; connector.TestLateAnswers"},
	{"a loop of timeouts sent one text 28 times", "jasmin#657", "connector.TestSlowAnswersAreNoReasonToSendAgain; gateway.TestUncertainIsHeldForEver"},
	{"a timeout was told though the answer had arrived", "jsmpp#63", "smpp.TestAnswersBeforeTheEndCount; smpp.TestLateResponseReachesItsRequest"},
	{"messages went round while nothing was bound", "jasmin#1036", "connector.TestWithoutASession"},
	{"a request without an answer never ended", "node-smpp#227, node-smpp#173", "smpp.TestLateResponseReachesItsRequest; smpp.TestPeerThatDoesNotRead; smpp.TestMutePeer"},
	{"requests were left hanging when the link closed", "the source of node-smpp; cloudhopper before 3.2", "smpp.TestEndOfTheLinkEndsEveryRequest; connector.TestBrokenLink"},
	{"an answer had one second", "go-smpp#106, go-smpp PR#3", "connector.TestAnAnswerHasAMinute"},
	{"answers slower than a minute: all that was under way was sent again", "the list of Kannel's users", "connector.TestSlowAnswersAreNoReasonToSendAgain"},
	{"all parts had one sequence_number, and so had the request after a refusal", "JamaaSMPP#50, gosmpp#178, php-smpp#44", "connector.TestEachRequestHasANumberOfItsOwn"},

	// Receipts
	{"a receipt that came before the answer was lost", "mokai#15", "connector.TestReceiptOfAPartBeforeItsAnswer; connector.TestReceiptsWhileALongMessageIsOnItsWay"},
	{"the id was hexadecimal in the answer and decimal in the receipt", "mokai#8, smscsim#4, sms-smpp#153, jasmin#210", "connector.TestIDsInTwoBases; smpp.TestIDs/decimal, then hexadecimal"},
	{"zeros in front of the id in one direction only", "jasmin#408, jasmin#423, jasmin#1129, somleng/sms-gateway#563", "smpp.TestIDs/zeros overlooked; smpp.TestIDs/22 digits"},
	{"ids with dashes, capitals and letters in front", "jasmin#916, jasmin#418", "smpp.TestReceiptTexts/jasmin issues 916, 535: dashes, letters; smpp.TestReceiptTexts/jasmin issue 418: letters in front; smpp.TestIDs/capitals overlooked"},
	{"an id beyond 63 bits", "jasmin#586", "smpp.TestIDs/hexadecimal, then decimal; connector.TestIDsInTwoBases"},
	{"the decimal id of the receipt was filled up to ten digits", "jsmpp#56", "smpp.TestIDs/padded"},
	{"a receipt without sub and dlvrd could not be read", "jsmpp#62, cloudhopper#105", "smpp.TestReceiptTexts/jsmpp issue 62: no sub, no dlvrd"},
	{"a date of the receipt was a time of SMPP, and there was no text", "smppex#46", "smpp.TestReceiptTexts/smppex issue 46: a time of SMPP; smpp.TestReceiptTimes"},
	{"an id of 18 digits, err:0000, ESC in the text, parameters of the operator's own", "php-smpp#70", "smpp.TestReceiptTexts/php-smpp issue 70: 18 digits, ESC in the text; smpp.TestReceiptsInParameters"},
	{"receipts of a customer who had left were stuck, and others' behind them", "jasmin#706", "door.TestPitfall19AClientThatLeft"},
	{"a message that was throttled and sent again could not be matched any more", "jasmin#796", "connector.TestReceiptsOfAMessageThatWasPutOff"},
	{"ACCEPTD that nobody had asked for was an end, and DELIVRD beside an error code a failure", "jasmin#885, jasmin#760", "connector.TestReceipts; connector.TestReceiptsOfOtherForms/an error beside good news (jasmin issue 760)"},
	{"a message that was refused had a receipt", "ksmppd#111", "door.TestPitfall22ReceiptsThatWereAskedFor"},
	{"deliver_sm was not answered: the same text came for ever", "ruby-smpp#5", "connector.TestNothingIsAcknowledgedBeforeItIsStored; connector.TestReceiptThatCannotBeRead; door.TestPitfall23AMuteClientLosesOneBind"},
	{"receipts went to the wrong bind, or to none", "node-smpp#130, node-smpp#175", "door.TestPitfall24ReceiptsGoToTheirClient; door.TestAClosedDoorKeepsForItsClients"},
	{"esm_class of a receipt was not set, or not looked at", "node-smpp#140, node-smpp#241", "smpp.TestKindsOfDeliveries; connector.TestReplies/what looks like a receipt; door.TestPitfall24ReceiptsGoToTheirClient"},
	{"RX_R_APPN was taken for a wish to be told again, and RX_P_APPN for the end", "smscgateway#182", "door.TestPitfall26AnswersToReceipts"},

	// Octets
	{"a refusal that had a body could not be read", "smppex#6", "connector.TestAnswersInOddOctets/smppex#6: a refusal with a body"},
	{"a success without a body closed the session", "gosmpp#119, cloudhopper PR#31", "connector.TestAnswersInOddOctets/gosmpp#119, cloudhopper PR#31: taken, without a body; smpp.TestResponsesThatLackTheirBody"},
	{"an unknown parameter cost the whole PDU", "python-smpplib#2, jasmin#322, jasmin#325", "connector.TestAnswersInOddOctets/python-smpplib#2, jasmin#322: parameters of nobody's; connector.TestRequestsInOddOctets/python-smpplib#2, jasmin#325: parameters of nobody's; door.TestPitfall29UnknownParameters"},
	{"a parameter that was cut, or unknown, shifted what followed", "jsmpp#16, jsmpp#214", "smpp.TestBrokenBodies/TLV cut short; smpp.TestCutPDUs; connector.TestRequestsInOddOctets/jsmpp#16: a parameter cut short; door.TestPitfall30CutParameters"},
	{"a text longer than sm_length ended the session", "cloudhopper#64", "connector.TestRequestsInOddOctets/cloudhopper#64: a text behind its length; door.TestPitfall31LongerThanItSays"},
	{"a status of no table ended the session", "jasmin#563", "connector.TestAnswersInOddOctets/jasmin#563: a status of nobody's; door.TestPitfall32UnknownStatus"},
	{"sequence_number went beyond its end, or to zero", "vumi#88, node-smpp#17", "smpp.TestSequenceNumbers; connector.TestRequestsInOddOctets/vumi#88, node-smpp#17: number 0; door.TestPitfall33SequenceNumbers"},
	{"a client of version 3.3 was given an id that it had no room for", "ksmppd#56", "door.TestPitfall34FormsOfIDs; door.TestIDsOfOldClients"},
	{"passwords longer than 8 characters", "jasmin#286, jsmpp#27, vumi#859", "door.TestPitfall35PasswordsOfAnyLength; smpp.TestLimitsOfFields/password"},
	{"generic_nack answered nothing, and its request hung", "smppex#58, vumi#404", "smpp.TestNackOfARequest; connector.TestAnswersInOddOctets/smppex#58: generic_nack; door.TestPitfall36NackOfADelivery"},
	{"query_sm was answered by generic_nack; enquire_link_resp had a body and was refused", "node-smpp#35, php-smpp#49", "connector.TestQueryIsNotKnown; connector.TestRequestsInOddOctets/php-smpp#49: enquire_link; door.TestPitfall37EnquireLinkHasNoBody"},
	{"a text of more than 254 octets, or of none, was an exception", "node-smpp#145, php-smpp#52", "door.TestPitfall38Lengths; connector.TestLongMessages; connector.TestReplies/empty"},

	// Sessions
	{"enquire_link before the bind had no answer", "cloudhopper PR#101", "smpp.TestEnquireLinkBeforeTheBind; door.TestPitfall39EnquireLinkBeforeABind"},
	{"an answer with a wrong number ended the session", "python-smpplib#52, jsmpp#91", "smpp.TestResponseToNothing; connector.TestAnswersInOddOctets"},
	{"after a cut the new bind was refused, or there were two", "uudashr/jsmpp#54, vumi#624, gosmpp#159, gosmpp#160", "door.TestPitfall41BindLimit; connector.TestOneOfTwoEnds; connector.TestFullSMSCIsNoFaultOfTheLogin"},
	{"unbind_resp was lost because the connection was closed at once", "jsmpp#82", "smpp.TestBothSides; door.TestPitfall42UnbindIsAnswered"},
	{"a dropped link was not noticed", "gosmpp#31", "smpp.TestSilenceIsAskedAbout; smpp.TestHalfAPDU"},
	{"the reset of one link ended the process, and a silent one was never noticed", "node-smpp#236, node-smpp#57", "door.TestPitfall44AResetEndsItsSession; door.TestPitfall44GarbageEndsItsSession; connector.TestOneOfTwoEnds; smpp.TestSilenceIsAskedAbout"},

	// Load
	{"RMSGQFUL was a failure, and a throttled message was gone at the next try", "vumi#636, vumi#767", "connector.TestRefusals; door.TestPitfall45AFullClient; gateway.TestThrottledLaneWaitsAsTold"},
	{"a message that was put off was overtaken by what came after it", "jasmin#425", "gateway.TestThrottledLaneKeepsItsOrder"},
	{"the rate counted messages; one refused part repeated all; a new bind forgot the rate", "jasmin#925, vumi#965, vumi#914", "gateway.TestSegmentsKeepTheirRate; connector.TestAPartIsRefused; door.TestPitfall47RateCountsSegments"},
	{"the second part of each text was throttled, for there was no burst", "ksmppd#6, ksmppd#126", "door.TestPitfall48BurstAndThrottling"},

	// Texts
	{"text of the GSM alphabet was marked as another", "node-smpp#26, node-smpp#40, node-smpp#75, node-smpp#105", "smpp.TestDataCodings; connector.TestAlphabets/GSM; connector.TestAlphabets/UCS-2"},
	{"the sign of the pound was mangled", "jsmpp#83", "smpp.TestCharsets/GSM; connector.TestSubmit"},
	{"data_coding 0 was Latin-1", "ksmppd#50", "door.TestPitfall51AlphabetOfTheClient; connector.TestAlphabets/Latin-1"},
	{"parts that came out of their order were lost", "jasmin#513, jasmin#1257", "connector.TestRepliesInParts; smpp.TestParts/behind another element; door.TestPitfall52And53Parts"},
	{"the reference alone joined parts, or was random: texts mixed", "jasmin#850, JamaaSMPP#39", "connector.TestPartsOfTwoPeople; connector.TestLongMessages; door.TestPitfall52And53Parts"},
	{"the parts of a message went by several binds", "fizzed/cloudhopper-smpp#11", "connector.TestPartsGoByOneBind; door.TestPitfall54PartsOverTwoBinds"},
	{"the text of a deliver_sm stood in message_payload", "vumi#330", "connector.TestReplies/in a payload; smpp.TestParts/payload; door.TestPitfall55Replies"},
}

// TestEveryPitfallHasATest: what the list names is there, so that it stays one by which a test is found.
func TestEveryPitfallHasATest(t *testing.T) {
	sources := map[string]*sourceOfTests{}
	for name, dir := range map[string]string{"smpp": ".", "connector": "../connector/smpp", "door": "../door/smpp", "gateway": "../gateway"} {
		sources[name] = readTests(t, dir)
	}
	for n, p := range pitfalls {
		if p.what == "" || p.seen == "" {
			t.Errorf("pitfall %d does not say what it is, or where it was seen", n+1)
		}
		for test := range strings.SplitSeq(p.tests, "; ") {
			name, subtest, _ := strings.Cut(test, "/")
			pkg, function, _ := strings.Cut(name, ".")
			source := sources[pkg]
			if source == nil || !source.tests[function] || subtest != "" && !source.words[subtest] {
				t.Errorf("pitfall %d (%s): there is no test %s", n+1, p.what, test)
			}
		}
	}
}

// sourceOfTests is what the tests of a package are called, and the texts in them, of which some are names of subtests.
type sourceOfTests struct{ tests, words map[string]bool }

func readTests(t *testing.T, dir string) *sourceOfTests {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no tests in %s: %v", dir, err)
	}
	found := &sourceOfTests{map[string]bool{}, map[string]bool{}}
	for _, file := range files {
		if filepath.Base(file) == "pitfalls_test.go" && dir == "." {
			continue // what is looked for
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, found.note)
	}
	return found
}

func (s *sourceOfTests) note(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.FuncDecl:
		s.tests[n.Name.Name] = n.Recv == nil && strings.HasPrefix(n.Name.Name, "Test")
	case *ast.BasicLit:
		if word, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING {
			s.words[word] = true
		}
	}
	return true
}
