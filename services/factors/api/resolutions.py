"""The question which factor serves an activity: asked by the inventory, and open to every client."""

from fastapi import Response

from contracts.factor_questions import ResolutionAnswer, ResolutionItem, ResolutionQuestion
from kernel.service import router as service_router
from services.factors.api.access import InTransaction, KeptCatalogue, Reader
from services.factors.api.pacing import Pace
from services.factors.domain.answers import resolution_answer
from services.factors.domain.catalogue import Catalogue
from services.factors.domain.resolution import Question, names_to_correct, resolve

router = service_router("factor resolutions")


@router.post("/v1/factor-resolutions", response_model=ResolutionAnswer)
async def resolve_factors(question: ResolutionQuestion, principal: Reader, session: InTransaction, kept: KeptCatalogue) -> Response:
    """For each item the chosen factor with its reasons, or a refusal that names the nearest alternatives."""
    catalogue = await kept.holding(session, (item.activity_type for item in question.items))
    corrected = names_to_correct(catalogue, (item.activity_type for item in question.items))
    answers: dict[Question, bytes] = {}
    items = []
    pace = Pace()
    for item in question.items:
        await pace.step()
        asked = _question(item)
        if asked not in answers:
            answers[asked] = _answer(catalogue, asked, is_corrected=asked.activity_type in corrected)
        items.append(answers[asked])
    return Response(b'{"items":[' + b",".join(items) + b"]}", media_type="application/json")


def _question(item: ResolutionItem) -> Question:
    return Question(item.activity_type, item.region, item.date.year, item.unit, item.method, item.purpose, item.dataset, item.stage)


def _answer(catalogue: Catalogue, asked: Question, *, is_corrected: bool) -> bytes:
    return resolution_answer(resolve(catalogue, asked, is_corrected=is_corrected), catalogue.datasets).model_dump_json().encode()
