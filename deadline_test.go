package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"duban/models/deadline"
	"duban/views/text"
)

// duban runs one command in an empty folder and returns what it printed.
func duban(t *testing.T, words ...string) (out, errors string, ok bool, folder string) {
	t.Helper()
	return dubanWith(t, nil, words...)
}

// dubanWith is duban with settings beside those it has by itself.
func dubanWith(t *testing.T, settings []string, words ...string) (out, errors string, ok bool, folder string) {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	folder = t.TempDir()
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(path, words...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = folder, append([]string{"HOME=" + folder}, settings...), &stdout, &stderr
	err = cmd.Run()
	return stdout.String(), stderr.String(), err == nil, folder
}

func TestReadDeadlineSaysWhatItUnderstood(t *testing.T) {
	t.Parallel()
	out, _, ok, folder := duban(t, "read-deadline", "收到反馈后2个月内", "9月底前", "2024年8月前", "立行立改，长期坚持",
		"--feedback-on", "2024-07-15", "--year", "2024", "--tier", "post-feedback", "--json")
	if !ok {
		t.Fatal("refused")
	}
	want := []map[string]any{
		{"deadline_phrase": "收到反馈后2个月内", "due": "2024-09-15"},
		{"deadline_phrase": "9月底前", "due": "2024-09-30", "assumed": []any{"year"}},
		{"deadline_phrase": "2024年8月前", "ask": "2024-07-31 or 2024-08-31"},
		{"deadline_phrase": "立行立改，长期坚持", "standing": true, "ask": "counted from the notice"},
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != len(want) {
		t.Fatalf("a line a phrase, but:\n%s", out)
	}
	for n, line := range lines {
		var got map[string]any
		if err := json.Unmarshal([]byte(line), &got); err != nil || !reflect.DeepEqual(got, want[n]) {
			t.Errorf("line %d: %s %v, want %v", n+1, line, err, want[n])
		}
	}
	if left, _ := filepath.Glob(filepath.Join(folder, "*")); len(left) > 0 {
		t.Errorf("it needs no database, and left %v", left)
	}
}

func TestReadDeadlineSaysWhichFlagIsWrong(t *testing.T) {
	_, said, ok, folder := duban(t, "read-deadline", "3个月内", "--feedback-on", "2024-02-30", "--tier", "four")
	if ok || !strings.Contains(said, "--feedback-on") || !strings.Contains(said, "--tier") {
		t.Errorf("it says %q", said)
	}
	if left, _ := filepath.Glob(filepath.Join(folder, "*")); len(left) > 0 {
		t.Errorf("it left %v", left)
	}
}

// Every question and every assumption has its sentence in both languages.
func TestEveryQuestionOfADeadlineHasASentence(t *testing.T) {
	for _, language := range []text.Language{text.Chinese, text.English} {
		ctx := text.In(context.Background(), language)
		for _, ask := range []string{
			deadline.AskNoDate, deadline.AskNoYear, deadline.AskNoMonth, deadline.AskNoSuchDay, deadline.AskRange, deadline.AskStatus, deadline.AskAsOf,
			deadline.AskRecurring, deadline.AskOpenEnd, deadline.AskSeveral, deadline.AskNotice, deadline.AskFound, deadline.AskBack, deadline.AskWindow,
			deadline.AskStay, deadline.AskEntry, deadline.AskMeeting, deadline.AskToday, deadline.AskOther, "2024-07-31 or 2024-08-31",
			deadline.AskEvent + "验收", deadline.AskUnread + "汛期前", deadline.AskWeekday + "2024-09-20", deadline.AskOrder + "12/5/6",
		} {
			key, args := deadline.QuestionKey(ask)
			if said := text.T(ctx, key, args...); said == key || ask != deadline.AskNoDate && key == "deadline.ask.no_date" {
				t.Errorf("%s: %s has no sentence", ask, key)
			}
		}
		for _, assumed := range []string{
			deadline.AssumedYear, deadline.AssumedFound, deadline.AssumedNotice, deadline.AssumedFeedback, deadline.AssumedWindow,
			deadline.AssumedToday, deadline.AssumedTier, deadline.AssumedWeekdays, deadline.AssumedUnchecked, deadline.AssumedStage,
		} {
			if key := "deadline.assumed." + assumed; text.T(ctx, key) == key {
				t.Errorf("%s has no sentence", key)
			}
		}
	}
}
