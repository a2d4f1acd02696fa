"""Asks by the models of a LiteLLM proxy's configuration, as JSON, and prints what they answer twice."""

import json
import sys

import litellm

router = litellm.Router(model_list=json.loads(sys.argv[1])["model_list"])
messages = [{"role": "user", "content": "What does the router say?"}]
# What callers say of LiteLLM's own cache changes nothing.
for _ in range(2):
    answer = router.completion(model="gpt-4o-mini", messages=messages, cache={"no-cache": True})
    print(answer.choices[0].message.content)
