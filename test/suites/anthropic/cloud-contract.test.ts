import { AnthropicBedrock } from '@anthropic-ai/bedrock-sdk';
import { AnthropicVertex } from '@anthropic-ai/vertex-sdk';
import { AnthropicBedrock as OldBedrock } from 'bedrock-0';
import { anthropicUnderTest } from '../../instrumentations/anthropic/under-test.ts';
import { testProvider } from '../../instrumentations/contract/test-provider.ts';

const authClient = {
  projectId: 'my-project',
  getRequestHeaders: () => Promise.resolve(new Headers({ authorization: 'Bearer google' })),
};
const aws = { awsAccessKey: 'AKIA', awsSecretKey: 'secret', awsRegion: 'eu-central-1' };
// `withOptions()` of the old client forgets its keys and looks here.
process.env['AWS_ACCESS_KEY_ID'] = aws.awsAccessKey;
process.env['AWS_SECRET_ACCESS_KEY'] = aws.awsSecretKey;
const google = { region: 'us-east5', projectId: 'my-project', authClient };

testProvider(anthropicUnderTest('AnthropicBedrock 1', AnthropicBedrock as never, { cloud: aws }));
testProvider(anthropicUnderTest('AnthropicBedrock 0', OldBedrock as never, { cloud: aws }));
testProvider(anthropicUnderTest('AnthropicVertex 1', AnthropicVertex as never, { cloud: google }));
