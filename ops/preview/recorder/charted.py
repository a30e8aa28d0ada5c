"""A chart that declares a party or a Harbor, service by service: no helm is asked, no object of it is told.

What stands in the values of a service is shown as that service's; the values of all services are the chart's.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ops.preview.purposes import CHART
from ops.preview.recorder import harbor_charted
from ops.preview.resource import Resource


def parts_of(resource: Resource) -> Iterator[Resource]:
    """Yield a resource, or a chart and each of the services in its values."""
    if resource.type != CHART:
        yield resource
        return
    values = resource.inputs.get("values")
    given = values if isinstance(values, Mapping) else {}
    if harbor_charted.is_of_harbor(given):
        services, common = dict(harbor_charted.services_of(given)), harbor_charted.common(given)
    else:
        services = given.get("services", {})
        common = {key: value for key, value in given.items() if key != "services"}
    yield replace(resource, custom=True, inputs={**resource.inputs, "values": common})
    head, prefix = resource.urn.removesuffix(resource.name), resource.inputs.get("resourcePrefix", "")
    for service, part in sorted(services.items()):
        name = f"{prefix}-{service}"
        yield replace(
            resource, urn=f"{head}{name}", name=name, custom=True, inputs=part, retain_on_delete=True
        )
