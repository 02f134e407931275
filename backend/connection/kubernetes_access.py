"""The way into the Kubernetes cluster: what KUBECONFIG names, or the service account of the pod this process runs in.

The official client knows kubeconfig files, their plug-ins and certificates. Importing it costs some 30 MB, so that is
done when a cluster is first asked.
"""

import hashlib
import os
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from backend.errors import NightdeskError
from backend.settings import Settings

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_CONNECTIONS = 32


class UnusableCluster(NightdeskError):
    """What is configured leads to no cluster."""

    code = "bad_settings"


@dataclass(frozen=True)
class Access:
    """A way into a cluster: its address, how its certificate is checked, and who we are there.

    `read`: a digest of the files that were read, so that one that was replaced is another access.
    """

    host: str
    authorization: str = field(default="", repr=False)
    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None
    verified: bool = True
    server_name: str | None = None
    proxy: str | None = None
    read: str = ""


def kubernetes_configured(settings: Settings) -> bool:
    """Is there a cluster to ask? A developer's own ~/.kube/config is not used unless it is named."""
    inside = bool(os.environ.get("KUBERNETES_SERVICE_HOST")) and (SERVICE_ACCOUNT / "token").is_file()
    return bool(settings.kubeconfig) or inside


def read_access(settings: Settings) -> Access:
    """What the configuration says now. Reads files, may run a kubeconfig's plug-in. Raises UnusableCluster."""
    from kubernetes.client import Configuration
    from kubernetes.config import load_incluster_config, load_kube_config
    from kubernetes.config.config_exception import ConfigException
    from yaml import YAMLError

    found = Configuration(host="")
    named = settings.kubeconfig or "the service account of this pod"
    try:
        if settings.kubeconfig:
            load_kube_config(
                settings.kubeconfig,
                context=settings.kubernetes_context,
                client_configuration=found,
                persist_config=False,
            )
        else:
            load_incluster_config(client_configuration=found, try_refresh_token=False)
        access = _access(found)
    except YAMLError:
        raise UnusableCluster(f"KUBECONFIG: {named} cannot be used: it is not YAML") from None
    except (ConfigException, OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        said = " ".join(str(error).split())[:200] or type(error).__name__
        raise UnusableCluster(f"KUBECONFIG: {named} cannot be used: {said}") from None
    if not access.authorization and not access.cert_file and (command := _plug_in(settings)):
        # The client only logs why.
        raise UnusableCluster(f"KUBECONFIG: the plug-in {command} of {named} gave no credential")
    return access


def _access(found: Any) -> Access:
    # With a hook of its own the client would put the token back as it stood in the file, line end and all.
    scheme, _, token = str(found.api_key.get("BearerToken", "")).strip().partition(" ")
    authorization = f"{scheme.capitalize()} {token.strip()}" if token else scheme
    files = [path for path in (found.ssl_ca_cert, found.cert_file, found.key_file) if path]
    digest = hashlib.sha256()
    for path in files:
        digest.update(Path(path).read_bytes())
    host = str(found.host)
    if not host:
        raise ValueError("it names no server")
    return Access(
        host=host if "://" in host else f"https://{host}",
        authorization=authorization,
        ca_file=found.ssl_ca_cert,
        cert_file=found.cert_file,
        key_file=found.key_file,
        verified=bool(found.verify_ssl),
        server_name=found.tls_server_name,
        # What the environment names, and what it leaves out, the HTTP client knows itself.
        proxy=None if vars(found).get("_proxy_from_env", True) else found.proxy,
        read=digest.hexdigest() if files else "",
    )


def _plug_in(settings: Settings) -> str | None:
    """The command that the chosen user's credential comes from."""
    from kubernetes.config.kube_config import KubeConfigMerger

    config: Any = KubeConfigMerger(settings.kubeconfig).config if settings.kubeconfig else None
    if config is None:
        return None
    context = config["contexts"].get_with_name(settings.kubernetes_context or config["current-context"])["context"]
    user = config["users"].get_with_name(context["user"], safe=True) if context.safe_get("user") else None
    return str(user["user"]["exec"]["command"]) if user is not None and "exec" in user["user"] else None


def dial(access: Access) -> httpx.AsyncClient:
    """A client that trusts and is trusted as configured. Reads the certificates' files. Raises UnusableCluster."""
    context = ssl.create_default_context(cafile=access.ca_file)
    # Newer Pythons ask for what the certificates of many clusters do not have (no key identifier).
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if access.cert_file:
        context.load_cert_chain(access.cert_file, access.key_file)
    if not access.verified:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    try:
        return httpx.AsyncClient(
            base_url=access.host,
            verify=context,
            headers={"authorization": access.authorization} if access.authorization else {},
            proxy=access.proxy,
            # Every call ends at its own deadline.
            timeout=None,  # noqa: S113
            limits=httpx.Limits(max_connections=_CONNECTIONS),
        )
    except (ValueError, ImportError) as error:
        raise UnusableCluster(f"KUBECONFIG: its address or proxy cannot be used: {error}") from None
