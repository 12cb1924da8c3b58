package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"
)

// The runs that bars are made of.
const (
	runBare    = "bare"
	runSingle  = "accept_single"
	runOne     = "accept_1"
	runSixteen = "accept_16"
	runMany    = "accept_256"
	runHundred = "accept_100"
	runSubmit  = "submit"
	runLife    = "whole_life"
	// runDeclared is runSubmit through an operator that a declaration describes.
	runDeclared = "submit_declared"
	// runGeneric is so through an operator that Kannel can speak to, and runKannel has a Kannel for the gateway.
	runGeneric = "submit_generic"
	runKannel  = "submit_kannel"
	runLatency = "accept_latency"
	runStart   = "start"
	runSize    = "binary_size"
	runBacklog = "backlog"
	runSMPP    = "smpp_"       // and the window
	runCodec   = "smpp_codec_" // and the window
	runSMPPWay = "smpp_life"

	// onPostgres ends the name of a run that keeps its messages in PostgreSQL.
	onPostgres = "_pg"
	// withRules is in the name of a run whose gateway has every rule on.
	withRules   = "_rules"
	runTwoNodes = "accept_two_nodes" + onPostgres
)

// bar is a goal for one figure.
type bar struct {
	name    string
	what    string
	unit    string
	run     string            // the run that it needs
	load    string            // another run that must come first
	figure  func([]Run) []one // one figure a round
	least   float64           // 0: most holds
	most    float64           // 0 too: there is no goal
	failure float64           // below it the bar is not only missed
}

// one is a figure and the run that it comes from.
type one struct {
	value float64
	run   Run
}

// bars are those of the project's design that one node with SQLite can show.
var bars = []bar{
	{
		name: "accept_single", run: runSingle, unit: "x bare", least: 0.50, failure: 0.40,
		figure: ratio(runSingle),
		what:   "durable accepts, one recipient a request, 64 connections, over requests of a bare handler",
	},
	{
		name: "accept_1", run: runOne, unit: "x bare", figure: ratio(runOne),
		what: "the same with 1 connection, over the bare handler with 64",
	},
	{
		name: "accept_16", run: runSixteen, unit: "x bare", figure: ratio(runSixteen),
		what: "the same with 16 connections, over the bare handler with 64",
	},
	{
		name: "accept_256", run: runMany, unit: "x bare", figure: ratio(runMany),
		what: "the same with 256 connections, over the bare handler with 64",
	},
	{
		name: "accept_100", run: runHundred, unit: "x bare", least: 1.5, figure: ratio(runHundred),
		what: "durable accepts, 100 recipients a request: recipients over requests of a bare handler",
	},
	{
		name: "accept_single_rules", run: runSingle + withRules, load: runSingle, unit: "x none", least: 0.90,
		figure: against(runSingle+withRules, runSingle),
		what: "the same as accept_single with every rule on: texts, numbers, senders and quotas of each " +
			"kind, over none",
	},
	{
		name: "accept_100_rules", run: runHundred + withRules, load: runHundred, unit: "x none", least: 0.90,
		figure: against(runHundred+withRules, runHundred),
		what:   "the same as accept_100 with every rule on, over none",
	},
	{
		name: "submit", run: runSubmit, unit: "x bare", least: 0.22, figure: ratio(runSubmit),
		what: "accept to the operator's answer over HTTP, 64 in flight, over requests of a bare handler",
	},
	{
		name: "whole_life", run: runLife, unit: "x bare", least: 0.15, figure: ratio(runLife),
		what: "accept, submit, receipt pushed, signed webhook taken, 256 in flight, over requests of a " +
			"bare handler",
	},
	{
		name: "accept_cost", run: runSingle, unit: "x bare", most: 1.9, figure: costs(runSingle),
		what: "processor time of the server for an accept of accept_single, over a bare handler's for a request",
	},
	{
		name: "submit_cost", run: runSubmit, unit: "x bare", most: 4.5, figure: costs(runSubmit),
		what: "the same for a message of submit",
	},
	{
		name: "submit_declared", run: runDeclared, load: runSubmit, unit: "x OVH", most: 1.15, figure: costsAgainst(runDeclared, runSubmit),
		what: "processor time of the server for a message of submit through a declared operator, over OVH's connector",
	},
	{
		name: "submit_kannel", run: runKannel, load: runGeneric, unit: "x Relais", figure: costsAgainst(runKannel, runGeneric),
		what: "processor time of a Kannel (system-type = generic, what waits in files) for a message to an operator, over the server's to the same one",
	},
	{
		name: "whole_life_cost", run: runLife, unit: "x bare", most: 7.5, figure: costs(runLife),
		what: "the same for a message of whole_life",
	},
	{
		name: "accept_p99", run: runLatency, load: runSingle, unit: "ms", most: 7, figure: p99s,
		what: "99th percentile of an accept, at half of the rate of accept_single",
	},
	{
		name: "backlog_memory", run: runBacklog, unit: "MiB", most: 150,
		figure: figuresOf(runBacklog, func(r Run) float64 { return r.MemoryMiB }),
		what:   "memory of the process with a million messages waiting",
	},
	{
		name: "backlog_start", run: runBacklog, unit: "ms", most: 1000, figure: values(runBacklog),
		what: "from the start of the process to a ready answer, a million messages waiting",
	},
	{
		name: "backlog_cost", run: runBacklog, unit: "x empty", most: 2,
		figure: figuresOf(runBacklog, func(r Run) float64 { return r.Cost }),
		what:   "processor time of an accept with a million messages waiting, over that with a tenth of them",
	},
	{
		name: "smpp_1", run: runSMPP + "1", unit: "x bare", figure: ratio(runSMPP + "1"),
		what: "durable submit_sm, one bind with a window of 1, over requests of a bare HTTP handler with 64 connections",
	},
	{
		name: "smpp_10", run: runSMPP + "10", unit: "x bare", figure: ratio(runSMPP + "10"),
		what: "the same with a window of 10",
	},
	{
		name: "smpp_100", run: runSMPP + "100", unit: "x bare", least: 0.30, figure: ratio(runSMPP + "100"),
		what: "the same with a window of 100",
	},
	{
		name: "smpp_codec_1", run: runSMPP + "1", load: runCodec + "1", unit: "x codec",
		figure: against(runSMPP+"1", runCodec+"1"),
		what:   "smpp_1 over a peer that answers from memory by the same codec",
	},
	{
		name: "smpp_codec_10", run: runSMPP + "10", load: runCodec + "10", unit: "x codec",
		figure: against(runSMPP+"10", runCodec+"10"),
		what:   "the same with a window of 10",
	},
	{
		name: "smpp_codec_100", run: runSMPP + "100", load: runCodec + "100", unit: "x codec",
		figure: against(runSMPP+"100", runCodec+"100"),
		what:   "the same with a window of 100",
	},
	{
		name: "smpp_cost", run: runSMPP + "100", unit: "x bare", figure: costs(runSMPP + "100"),
		what: "processor time of the server for a submit_sm of smpp_100, over a bare handler's for a request",
	},
	{
		name: "smpp_life", run: runSMPPWay, unit: "x bare", least: 0.30, figure: ratio(runSMPPWay),
		what: "submit_sm, out by SMPP, the operator's receipt and that to the client acknowledged, 256 in flight, " +
			"over requests of a bare handler",
	},
	{
		name: "smpp_life_cost", run: runSMPPWay, unit: "x bare", figure: costs(runSMPPWay),
		what: "the same as smpp_cost for a message of smpp_life",
	},
	{
		name: "accept_single_pg", run: runSingle + onPostgres, load: runSingle, unit: "x SQLite", least: 0.5,
		figure: against(runSingle+onPostgres, runSingle),
		what:   "the same as accept_single with PostgreSQL, over SQLite",
	},
	{
		name: "accept_100_pg", run: runHundred + onPostgres, load: runHundred, unit: "x SQLite", least: 0.5,
		figure: against(runHundred+onPostgres, runHundred),
		what:   "the same as accept_100 with PostgreSQL, over SQLite",
	},
	{
		name: "submit_pg", run: runSubmit + onPostgres, load: runSubmit, unit: "x SQLite", least: 0.5,
		figure: against(runSubmit+onPostgres, runSubmit),
		what:   "the same as submit with PostgreSQL, over SQLite",
	},
	{
		name: "whole_life_pg", run: runLife + onPostgres, load: runLife, unit: "x SQLite", least: 0.5,
		figure: against(runLife+onPostgres, runLife),
		what:   "the same as whole_life with PostgreSQL, over SQLite",
	},
	{
		name: "whole_life_node_pg", run: runLife + onPostgres, unit: "us", most: 135,
		figure: figuresOf(runLife+onPostgres, func(r Run) float64 { return r.ServerUS }),
		what:   "processor time of the node for a message of whole_life_pg, on a quiet machine",
	},
	{
		name: "whole_life_database_pg", run: runLife + onPostgres, unit: "us", most: 170,
		figure: databaseTimes(runLife + onPostgres),
		what:   "the same of the database, where it is on this machine",
	},
	{
		name: "accept_single_rules_pg", run: runSingle + withRules + onPostgres, load: runSingle + onPostgres,
		unit: "x none", least: 0.90,
		figure: against(runSingle+withRules+onPostgres, runSingle+onPostgres),
		what:   "the same as accept_single_pg with every rule on, over none",
	},
	{
		name: "accept_100_rules_pg", run: runHundred + withRules + onPostgres, load: runHundred + onPostgres,
		unit: "x none", least: 0.90,
		figure: against(runHundred+withRules+onPostgres, runHundred+onPostgres),
		what:   "the same as accept_100_pg with every rule on, over none",
	},
	{
		name: "two_nodes_pg", run: runTwoNodes, load: runSingle + onPostgres, unit: "x one node", least: 1.3,
		figure: against(runTwoNodes, runSingle+onPostgres),
		what:   "accept_single_pg with two nodes, over one",
	},
	{
		name: "campaign_look", run: runCampaign, unit: "ms", most: 1000, figure: values(campaignLook),
		what: "what a table of 100 MiB looks like: from its last byte to the answer",
	},
	{
		name: "campaign_look_pg", run: runCampaign + onPostgres, unit: "ms", most: 1000,
		figure: values(campaignLook + onPostgres),
		what:   "the same as campaign_look with PostgreSQL",
	},
	{
		name: "campaign_check_csv", run: runCampaign, unit: "s", most: 120, figure: values(campaignCSV),
		what: "every row of a CSV of a million rows is judged",
	},
	{
		name: "campaign_check_csv_pg", run: runCampaign + onPostgres, unit: "s", most: 120,
		figure: values(campaignCSV + onPostgres),
		what:   "the same as campaign_check_csv with PostgreSQL",
	},
	{
		name: "campaign_check_csv_memory", run: runCampaign, unit: "MiB", most: 64,
		figure: values(campaignCSVMemory),
		what:   "the most memory in that check, above the process before it",
	},
	{
		name: "campaign_check_csv_memory_pg", run: runCampaign + onPostgres, unit: "MiB", most: 64,
		figure: values(campaignCSVMemory + onPostgres),
		what:   "the same as campaign_check_csv_memory with PostgreSQL",
	},
	{
		name: "campaign_check_xlsx", run: runCampaign, unit: "s", most: 30, figure: values(campaignXLSX),
		what: "every row of a workbook of a hundred thousand rows is judged",
	},
	{
		name: "campaign_check_xlsx_pg", run: runCampaign + onPostgres, unit: "s", most: 30,
		figure: values(campaignXLSX + onPostgres),
		what:   "the same as campaign_check_xlsx with PostgreSQL",
	},
	{
		name: "campaign_check_xlsx_memory", run: runCampaign, unit: "MiB", most: 64,
		figure: values(campaignXLSXMore),
		what:   "the most memory in that check, above the process before it",
	},
	{
		name: "campaign_check_xlsx_memory_pg", run: runCampaign + onPostgres, unit: "MiB", most: 64,
		figure: values(campaignXLSXMore + onPostgres),
		what:   "the same as campaign_check_xlsx_memory with PostgreSQL",
	},
	{
		name: "campaign_ledger", run: runCampaign, unit: "bytes", most: 400, figure: values(campaignLedger),
		what: "what a row takes in the database, with its indexes",
	},
	{
		name: "campaign_ledger_pg", run: runCampaign + onPostgres, unit: "bytes", most: 400,
		figure: values(campaignLedger + onPostgres),
		what:   "the same as campaign_ledger with PostgreSQL",
	},
	{
		name: "campaign_first", run: runCampaign, unit: "ms", most: 2000, figure: values(campaignFirst),
		what: "from the start of a checked million to its first message at the operator",
	},
	{
		name: "campaign_first_pg", run: runCampaign + onPostgres, unit: "ms", most: 2000,
		figure: values(campaignFirst + onPostgres),
		what:   "the same as campaign_first with PostgreSQL",
	},
	{
		name: "campaign_memory", run: runCampaign, unit: "MiB", most: 150, figure: values(campaignMemory),
		what: "memory of the process while a million rows wait and some leave",
	},
	{
		name: "campaign_memory_pg", run: runCampaign + onPostgres, unit: "MiB", most: 150,
		figure: values(campaignMemory + onPostgres),
		what:   "the same as campaign_memory with PostgreSQL",
	},
	{
		name: "campaign_pause", run: runCampaign, unit: "ms", most: 1000, figure: values(campaignPause),
		what: "from a pause until nothing new comes to the operator, a million rows waiting",
	},
	{
		name: "campaign_pause_pg", run: runCampaign + onPostgres, unit: "ms", most: 1000,
		figure: values(campaignPause + onPostgres),
		what:   "the same as campaign_pause with PostgreSQL",
	},
	{
		name: "campaign_codes", run: runCampaign, unit: "x alone", most: 1.1, figure: values(campaignBeside),
		what: "99th percentile of a one-time code from the request to the handset while a campaign sends " +
			"100 rows a second, over the same without it",
	},
	{
		name: "campaign_codes_pg", run: runCampaign + onPostgres, unit: "x alone", most: 1.1,
		figure: values(campaignBeside + onPostgres),
		what:   "the same as campaign_codes with PostgreSQL",
	},
	{
		name: "campaign_whole", run: runCampaign, unit: "rows/s", figure: values(campaignWhole),
		what: "a hundred thousand rows from the start to the last receipt, each with its own values on its handset",
	},
	{
		name: "campaign_whole_pg", run: runCampaign + onPostgres, unit: "rows/s",
		figure: values(campaignWhole + onPostgres),
		what:   "the same as campaign_whole with PostgreSQL",
	},
	{
		name: "console_page", run: runConsole, unit: "ms", most: 50, figure: slowest(""),
		what: "the slowest page of the console with a million messages waiting, 95th percentile",
	},
	{
		name: "console_home", run: runConsole, unit: "ms", most: 100, figure: values(consoleHome),
		what: "the first page of the console then",
	},
	{
		name: "console_preview", run: runConsole, unit: "ms", most: 60, figure: values(consolePreview),
		what: "the preview beside a text that is being written then",
	},
	{
		name: "console_first", run: runConsole, unit: "KiB", most: 45, figure: values(consoleFirst),
		what: "what travels for a first page, its files included",
	},
	{
		name: "console_next", run: runConsole, unit: "KiB", most: 15, figure: values(consoleNext),
		what: "what travels for a full list after it",
	},
	{
		name: "console_page_pg", run: runConsole + onPostgres, unit: "ms", most: 50, figure: slowest(onPostgres),
		what: "the same as console_page with PostgreSQL",
	},
	{
		name: "console_home_pg", run: runConsole + onPostgres, unit: "ms", most: 100,
		figure: values(consoleHome + onPostgres), what: "the same as console_home with PostgreSQL",
	},
	{
		name: "console_preview_pg", run: runConsole + onPostgres, unit: "ms", most: 60,
		figure: values(consolePreview + onPostgres), what: "the same as console_preview with PostgreSQL",
	},
	{
		name: "start", run: runStart, unit: "ms", most: 300, figure: values(runStart),
		what: "from the start of the process to a ready answer, new database",
	},
	{
		name: "binary", run: runSize, unit: "MiB", most: 40, figure: values(runSize),
		what: "size of the program",
	},
}

// gatewayRuns are those that are set against bare ones.
var gatewayRuns = []struct {
	name    string
	measure func(*session, context.Context, int) (Run, error)
}{
	{runSingle, (*session).acceptSingle},
	{runSingle + withRules, ruled((*session).acceptSingle)},
	{runOne, acceptAt(runOne, 1)},
	{runSixteen, acceptAt(runSixteen, 16)},
	{runMany, acceptAt(runMany, 256)},
	{runHundred, (*session).acceptHundred},
	{runHundred + withRules, ruled((*session).acceptHundred)},
	{runSubmit, (*session).submit},
	{runDeclared, (*session).submitDeclared},
	{runGeneric, (*session).submitGeneric},
	{runKannel, (*session).submitKannel},
	{runLife, (*session).wholeLife},
	{runCodec + "1", codecAt(1)},
	{runSMPP + "1", smppAt(1)},
	{runCodec + "10", codecAt(10)},
	{runSMPP + "10", smppAt(10)},
	{runCodec + "100", codecAt(100)},
	{runSMPP + "100", smppAt(100)},
	{runSMPPWay, (*session).smppLife},
}

// connections is how many requests are under way at once, and for submit how
// many messages are.
const connections = 64

func (s *session) bare(ctx context.Context, round int) (Run, error) {
	server, err := s.start(ctx, Child{Role: RoleBare}, runBare, round)
	if err != nil {
		return Run{}, err
	}
	l, err := server.closedLoop(ctx, dueLater(1))
	return server.finish(ctx, l, err, nil)
}

func (s *session) acceptSingle(ctx context.Context, round int) (Run, error) {
	return s.accept(ctx, runSingle, round, func(server *server) (load, error) {
		return server.closedLoop(ctx, dueLater(1))
	})
}

// acceptAt is acceptSingle with another number of connections.
func acceptAt(name string, connections int) func(*session, context.Context, int) (Run, error) {
	return func(s *session, ctx context.Context, round int) (Run, error) {
		return s.accept(ctx, name, round, func(server *server) (load, error) {
			return server.closedLoopOver(ctx, connections, dueLater(1))
		})
	}
}

func (s *session) acceptHundred(ctx context.Context, round int) (Run, error) {
	return s.accept(ctx, runHundred, round, func(server *server) (load, error) {
		return server.closedLoop(ctx, dueLater(100))
	})
}

// latency sends at a fixed rate, whatever the answers do.
func (s *session) latency(ctx context.Context, round int, rate float64) (Run, error) {
	return s.accept(ctx, runLatency, round, func(server *server) (load, error) {
		return server.openLoop(ctx, dueLater(1), rate)
	})
}

// accept measures accepts alone. The messages are due in an hour, so that the
// whole gateway runs and its lane has nothing to send: a paused connector would
// need a fault first, and would be another program than the one in use.
func (s *session) accept(
	ctx context.Context, name string, round int, drive func(*server) (load, error),
) (Run, error) {
	operator, err := startOperator(ctx)
	if err != nil {
		return Run{}, err
	}
	defer operator.close()
	server, err := s.start(ctx, Child{Role: RoleGateway, Operator: operator.url}, name, round)
	if err != nil {
		return Run{}, err
	}
	l, err := drive(server)
	return server.finish(ctx, l, err, func() error {
		if err := stored(ctx, server.database(), l.ids, "queued"); err != nil {
			return err
		}
		return onHandsetsOnce(operator.sandbox, nil)
	})
}

// submit measures the whole way. The simulated operator runs in the generator's
// process, which so learns without a question to the gateway that a message was
// answered: it sends the next one then. The gateway's commit of that answer is
// still to come, and shares the disk with what follows; that all were committed
// as submitted is checked in the database when the server has stopped.
func (s *session) submit(ctx context.Context, round int) (Run, error) {
	operator, err := startOperator(ctx)
	if err != nil {
		return Run{}, err
	}
	defer operator.close()
	if err := operator.mute(); err != nil {
		return Run{}, err
	}
	server, err := s.start(ctx, Child{Role: RoleGateway, Operator: operator.url}, runSubmit, round)
	if err != nil {
		return Run{}, err
	}
	l, err := server.inFlight(ctx, operator.tally, dueNow())
	return server.finish(ctx, l, err, func() error {
		if err := stored(ctx, server.database(), l.ids, "submitted"); err != nil {
			return err
		}
		return onHandsetsOnce(operator.sandbox, l.ids)
	})
}

// lives is how many messages are on their way in wholeLife. The simulated
// operator pushes a receipt 20 ms after its answer, as a rule.
const lives = 256

// wholeLife measures a message from its request to the webhook that says it is
// delivered. The simulated operator and the caller's system run in the
// generator's process.
func (s *session) wholeLife(ctx context.Context, round int) (Run, error) {
	operator, err := startOperator(ctx)
	if err != nil {
		return Run{}, err
	}
	defer operator.close()
	receiver, err := startReceiver(ctx, lives)
	if err != nil {
		return Run{}, err
	}
	defer receiver.close()
	server, err := s.start(ctx, Child{Role: RoleGateway, Operator: operator.url}, runLife, round)
	if err != nil {
		return Run{}, err
	}
	if err := receiver.subscribe(ctx, server); err != nil {
		return Run{}, errors.Join(err, server.stop())
	}
	l, err := server.inFlight(ctx, receiver.tally, dueNow())
	return server.finish(ctx, l, err, func() error {
		if err := stored(ctx, server.database(), l.ids, "delivered"); err != nil {
			return err
		}
		return errors.Join(onHandsetsOnce(operator.sandbox, l.ids), receiver.toldOnce(l.ids))
	})
}

// startsPerRound is high because one start is short.
const startsPerRound = 5

func (s *session) starts(ctx context.Context) ([]Run, error) {
	var runs []Run
	for round := range s.Rounds {
		for range startsPerRound {
			server, err := s.start(ctx, Child{Role: RoleServe}, runStart, round)
			if err != nil {
				return nil, err
			}
			if err := server.stop(); err != nil {
				return nil, err
			}
			runs = append(runs, Run{
				Name: runStart, Round: round, Value: float64(server.ready) / float64(time.Millisecond),
			})
		}
	}
	return runs, nil
}

func (s *session) size() (Run, error) {
	info, err := os.Stat(s.Program)
	if err != nil {
		return Run{}, fmt.Errorf("measure the program's size: %w", err)
	}
	return Run{Name: runSize, Value: float64(info.Size()) / (1 << 20)}, nil
}

// ratio sets each run of a name against the mean of the bare runs around it.
func ratio(name string) func([]Run) []one {
	return overBare(name, func(r Run) float64 { return r.Rate })
}

// costs are over the processor time of bare requests; the steadier measure where others use the
// machine.
func costs(name string) func([]Run) []one {
	return overBare(name, func(r Run) float64 { return r.ServerUS })
}

func overBare(name string, of func(Run) float64) func([]Run) []one {
	return func(runs []Run) []one {
		var figures []one
		for i, r := range runs {
			if r.Name == name {
				bare := (of(runs[i-1]) + of(runs[i+1])) / 2
				figures = append(figures, one{of(r) / bare, r})
			}
		}
		return figures
	}
}

func p99s(runs []Run) []one {
	return figures(runs, runLatency, func(r Run) float64 { return r.P99 })
}

func values(name string) func([]Run) []one {
	return func(runs []Run) []one {
		return figures(runs, name, func(r Run) float64 { return r.Value })
	}
}

func figures(runs []Run, name string, of func(Run) float64) []one {
	var found []one
	for _, r := range runs {
		if r.Name == name {
			found = append(found, one{of(r), r})
		}
	}
	return found
}

func rates(runs []Run, name string) []float64 {
	var found []float64
	for _, f := range figures(runs, name, func(r Run) float64 { return r.Rate }) {
		found = append(found, f.value)
	}
	return found
}

func figuresOf(name string, of func(Run) float64) func([]Run) []one {
	return func(runs []Run) []one { return figures(runs, name, of) }
}

// databaseTimes are of the runs whose database is on this machine.
func databaseTimes(name string) func([]Run) []one {
	return func(runs []Run) []one {
		return slices.DeleteFunc(figures(runs, name, func(r Run) float64 { return r.DatabaseUS }),
			func(f one) bool { return f.value == 0 })
	}
}

// against sets each run of a name over the one of another name in its round.
func against(name, other string) func([]Run) []one {
	return func(runs []Run) []one {
		others := rates(runs, other)
		var found []one
		for i, f := range figures(runs, name, func(r Run) float64 { return r.Rate }) {
			found = append(found, one{f.value / others[i], f.run})
		}
		return found
	}
}
