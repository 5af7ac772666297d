package app

import (
	"fmt"
	"strings"
	"testing"

	"duban/models"
)

// An administrator makes a group's robot known, tries it, reads what became of it and
// stops it; its address and its secret are never shown again.
func TestARobotIsMadeKnownAndTried(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		v := s.as(s.Admin)
		v.get("/webhooks").want(200).wantWords(says("webhooks.none"))
		const address, secret = "https://oapi.dingtalk.com/robot/send?access_token=a-very-secret-token", "SEC-of-the-group"
		v.post("/webhooks", "name", "督办工作群", "maker", "dingtalk", "address", "https://oapi.example.com/robot/send", "secret", secret).want(422).
			wantWords(says("webhook.address.form"), "督办工作群").wantNone(secret)
		v.post("/webhooks", "name", "督办工作群", "maker", "dingtalk", "address", address, "secret", secret, "unit", fmt.Sprint(s.Unit.ID), "language", "zh").wantGoTo("/webhooks")
		v.get("/webhooks").want(200).wantWords("督办工作群", says("webhook.maker.dingtalk"), "oapi.dingtalk.com", s.Unit.Name).wantNone("a-very-secret-token", secret)
		hooks, err := s.As(s.Office).Webhooks()
		if err != nil || len(hooks) != 1 {
			t.Fatal(hooks, err)
		}
		path := fmt.Sprintf("/webhooks/%d", hooks[0].ID)
		v.get(path).want(200).wantWords(says("webhook.address.kept", "oapi.dingtalk.com")).wantNone("a-very-secret-token", secret)

		// Left empty, address and secret stay as they were.
		v.post(path, "name", "督办群", "maker", "dingtalk", "language", "en").wantGoTo("/webhooks")
		hooks, err = s.As(s.Office).Webhooks()
		if err != nil || hooks[0].Address != address || hooks[0].Secret != secret || hooks[0].Name != "督办群" || hooks[0].UnitID != nil {
			t.Errorf("%+v %v", hooks, err)
		}
		v.post(path + "/tries").wantGoTo("/webhooks")
		v.get("/webhooks").want(200).wantWords(says("mail.kind.webhook_try"), says("mail.state.waiting"))
		v.post(path, "name", "督办群", "maker", "dingtalk", "stopped", "1").wantGoTo("/webhooks")
		v.post(path + "/tries").want(409)
		v.get("/webhooks/9999").want(404)
		v.get("/webhooks/x").want(404)

		// The trail says who did it and where it leads, and no secret.
		var said []string
		trail, err := s.As(s.Office).GovernTrail(models.GovernWebhooks)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range trail {
			said = append(said, fmt.Sprint(e.Particulars))
		}
		all := strings.Join(said, " ")
		if len(said) != 4 || !strings.Contains(all, "oapi.dingtalk.com") || strings.Contains(all, "secret") || strings.Contains(all, "SEC") {
			t.Errorf("the trail says %s", all)
		}
	})
}
