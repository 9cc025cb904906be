"""The manifests and scripts for clusters: valid, and every worker gets the right TF_CONFIG."""

import json
import os
import pathlib
import re
import subprocess

import kubernetes_validate
import pytest
import yaml

CLUSTERS = pathlib.Path(__file__).parents[1] / "docs" / "clusters"
PAGE = CLUSTERS.parent / "scaling.md"
MANIFESTS = sorted(CLUSTERS.glob("*.yaml"))
WRITES = '#!/bin/bash\nprintf "%s\\n" "$TF_CONFIG" "$*" >> "$SAID"\nexit "${CODE:-0}"\n'


def documents(name):
    return list(yaml.safe_load_all((CLUSTERS / name).read_text(encoding="utf-8")))


def validate(document):
    kubernetes_validate.validate(document, "1.31", strict=True)


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_manifests_are_valid(path):
    for document in documents(path.name):
        validate(document)


def test_what_kubernetes_does_not_know_is_refused():
    _, job = documents("train.yaml")
    for wrong in ({"completion_mode": "Indexed"}, {"completions": "four"}):
        with pytest.raises(kubernetes_validate.ValidationError):
            validate({**job, "spec": {**job["spec"], **wrong}})


def run(program, folder, commands, **environment):
    """Runs a script among stand-ins of `commands`; returns it and what `kerasrnn` was told."""
    for name, text in {"kerasrnn": WRITES, **commands}.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    said = folder / "said"
    said.unlink(missing_ok=True)
    environment = {**environment, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    environment |= {"SAID": str(said), "TF_CONFIG": environment.get("TF_CONFIG", "")}
    done = subprocess.run(program, env=environment, capture_output=True, text=True)
    return done, said.read_text().splitlines() if said.exists() else []


def in_container(job, folder, index):
    (container,) = job["spec"]["template"]["spec"]["containers"]
    values = {each["name"]: each["value"] for each in container["env"]}
    program = [*container["command"], *container["args"]]
    done, said = run(program, folder, {}, **values, JOB_COMPLETION_INDEX=str(index))
    assert done.returncode == 0, done.stderr
    return said


def test_each_pod_of_a_training_is_the_worker_that_its_name_says(tmp_path):
    service, job = documents("train.yaml")
    spec, pod = job["spec"], job["spec"]["template"]["spec"]
    assert service["spec"]["clusterIP"] == "None"
    assert service["spec"]["selector"] == {"batch.kubernetes.io/job-name": job["metadata"]["name"]}
    assert pod["subdomain"] == service["metadata"]["name"]
    assert spec["completionMode"] == "Indexed" and spec["parallelism"] == spec["completions"]
    (port,) = service["spec"]["ports"]
    # The name that Kubernetes gives the pod with this number.
    hosts = [
        f"{job['metadata']['name']}-{index}.{pod['subdomain']}:{port['port']}"
        for index in range(spec["completions"])
    ]
    for index in range(spec["completions"]):
        config, words = in_container(job, tmp_path, index)
        assert json.loads(config) == {
            "cluster": {"worker": hosts},
            "task": {"type": "worker", "index": index},
        }
        assert "--strategy multi-worker" in words and words.endswith("--resume")


def test_a_training_is_tried_again_unless_that_is_of_no_use():
    rules = documents("train.yaml")[1]["spec"]["podFailurePolicy"]["rules"]
    by_code = {
        code: rule["action"]
        for rule in rules
        for code in rule.get("onExitCodes", {"values": []})["values"]
    }
    assert by_code == {2: "FailJob", 3: "FailJob", 75: "Ignore"}


def test_the_pods_of_a_prediction_answer_each_share_once(tmp_path):
    (job,) = documents("predict.yaml")
    shards = job["spec"]["completions"]
    words = [in_container(job, tmp_path, index)[1] for index in range(shards)]
    given = [re.search(r"--shard (\S+)$", each)[1] for each in words]
    assert given == [f"{number}/{shards}" for number in range(1, shards + 1)]


def test_the_server_is_asked_where_it_listens():
    deployment, service = documents("serve.yaml")
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert labels == deployment["spec"]["selector"]["matchLabels"] == service["spec"]["selector"]
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    listens = {each["name"]: each["containerPort"] for each in container["ports"]}
    assert {each["targetPort"] for each in service["spec"]["ports"]} == set(listens)
    arguments = dict(each.removeprefix("--").split("=") for each in container["args"])
    assert listens == {"rest": int(arguments["rest_api_port"]), "grpc": int(arguments["port"])}
    assert container["readinessProbe"]["httpGet"]["path"].endswith(f"/{arguments['model_name']}")


SCONTROL = "#!/bin/bash\nprintf 'node-%s\\n' 3 5 7 11\n"
SRUN = """#!/bin/bash
shift
for SLURM_PROCID in 0 1 2 3; do
  export SLURM_PROCID
  "$@" || code=$?
done
exit "${code:-0}"
"""


def sbatch(name, folder, **environment):
    commands = {"scontrol": SCONTROL, "srun": SRUN}
    return run(["bash", str(CLUSTERS / name)], folder, commands, **environment)


def test_each_task_of_slurm_is_a_worker(tmp_path):
    done, said = sbatch(
        "train.sbatch", tmp_path, SLURM_JOB_ID="70001", SLURM_JOB_NODELIST="node-[3-11]"
    )
    assert done.returncode == 0, done.stderr
    configs = [json.loads(each) for each in said[::2]]
    hosts = [f"node-{number}:20001" for number in (3, 5, 7, 11)]
    assert [each["cluster"] for each in configs] == [{"worker": hosts}] * 4
    assert [each["task"]["index"] for each in configs] == [0, 1, 2, 3]


@pytest.mark.parametrize("code, tries", [(75, 5), (137, 5), (2, 1), (3, 1)])
def test_slurm_tries_again_unless_that_is_of_no_use(tmp_path, code, tries):
    environment = {"SLURM_JOB_ID": "1", "SLURM_JOB_NODELIST": "nodes", "CODE": str(code)}
    done, said = sbatch("train.sbatch", tmp_path, **environment)
    assert done.returncode == code and len(said) == 2 * 4 * tries


def test_an_array_of_slurm_answers_its_share(tmp_path):
    text = (CLUSTERS / "predict.sbatch").read_text()
    assert "--array=1-16" in text  # shares count from 1
    environment = {"SLURM_ARRAY_TASK_ID": "3", "SLURM_ARRAY_TASK_COUNT": "16"}
    _, (_, words) = sbatch("predict.sbatch", tmp_path, **environment)
    assert words.endswith("--shard 3/16")


def test_the_page_shows_every_file():
    shown = re.findall(
        r"^```{literalinclude} clusters/(\S+)$", PAGE.read_text(encoding="utf-8"), re.M
    )
    assert sorted(shown) == sorted(path.name for path in CLUSTERS.iterdir())
