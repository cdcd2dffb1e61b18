import { createClient } from '@connectrpc/connect';
import { ChecklistIntake } from './generated/uncac/checklist/v1/checklist_pb';
import { transport } from './transport';

export const checklistIntake = createClient(ChecklistIntake, transport);
