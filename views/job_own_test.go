package views

import (
	"context"
	"testing"

	"duban/models"
	"duban/views/text"
)

func TestTheHoursOfAJobAreSaidInWords(t *testing.T) {
	zh := text.In(context.Background(), text.Chinese)
	for p, want := range map[models.JobPlan]string{
		{At: "5 0 * * *"}: "每天 00:05", {At: "30 8 * * *", On: models.WorkingDays}: "每个工作日 08:30", {At: "30 8 * * *", On: models.FirstWorkday}: "每周第一个工作日 08:30",
		{At: "0 * * * *"}: "每小时 00 分", {At: "@every 5s"}: "每 5 秒", {At: "@every 5m"}: "每 5 分钟", {At: "0 4 * * 1"}: "0 4 * * 1",
	} {
		if got := whenWords(zh, p); got != want {
			t.Errorf("%s is said as %q, want %q", p.At, got, want)
		}
	}
}
